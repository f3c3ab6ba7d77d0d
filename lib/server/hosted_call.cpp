// SPDX-License-Identifier: MIT
// A call that is routed, admitted, logged, counted and recorded, wherever it comes from.
#include "server/hosted_call.hpp"

#include "server/trusted_proxies.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Ends a call that a coroutine did not admit.
struct NotAdmitted {};

/// Why a call was not admitted, from what left the admission.
std::string refusal(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const NotAdmitted&) {
        return not_admitted();
    } catch (...) {
        return not_admitted(std::current_exception());
    }
}

}  // namespace

HostedCall::~HostedCall() = default;

void HostedCall::start() {
    call_.session().observe_lines(services_.context->logger->should_log(spdlog::level::trace));
    call_.start();
}

// --- through a proxy -----------------------------------------------------------------------------

std::unique_ptr<ProxiedTransport>
HostedCall::read_header_of(const Peer& peer, Transport& transport) {
    if (!services_.context->proxies.contains(peer))
        return nullptr;
    ProxiedTransport::Owner& self = *this;
    return std::make_unique<ProxiedTransport>(transport, self);
}

/// Otherwise the peer stays the proxy.
void HostedCall::on_proxy_header(const std::optional<ProxySource>& source) {
    if (source)
        call_.request().peer = endpoint_of(*source);
}

bool HostedCall::may_begin() {
    if (admit_peer())
        return true;
    call_.cancel();
    return false;
}

void HostedCall::on_bad_proxy_header(std::string_view why) {
    call_.fail(Fault::proxy_header, why);
}

// --- the handler ---------------------------------------------------------------------------------

std::shared_ptr<const ScriptHandler> HostedCall::route() {
    auto found = dispatch(services_, call_.environment(), busy_, call_.request());
    if (!found.handler) {
        on_refused(found.refused, found.why);
        return nullptr;
    }
    if (!services_.context->options.admission.is_coroutine()) {
        begin_recording();
        return std::move(found.handler);
    }
    admitting_ = true;
    return std::make_shared<const ScriptHandler>(
        [this, handler = std::move(found.handler)](AGI& agi, const Request&) {
            return admit(agi, handler);
        }
    );
}

/// Awaits the admission before the handler.
asio::awaitable<void> HostedCall::admit(AGI& agi, std::shared_ptr<const ScriptHandler> handler) {
    const AdmissionRequest asked{call_.environment(), call_.request()};
    const bool admitted = co_await services_.context->options.admission.look_up(asked);
    if (!admitted)
        throw NotAdmitted();
    admitting_ = false;
    begin_recording();
    co_await (*handler)(agi, call_.request());
}

void HostedCall::on_stray_exception(const std::exception_ptr& error) {
    log().stray_exception(error);
}

void HostedCall::on_line(bool sent, std::string_view line) {
    if (recording_)
        recording_->add(sent, line, Clock::now());
    log().line(sent, line);
}

void HostedCall::begin_recording() {
    const auto& recorder = services_.context->recorder;
    if (!recorder)
        return;
    recording_ = recorder->begin(call_.environment(), call_.request().path);
    if (!recording_)
        return;
    call_.session().observe_lines(true);
    if (call_.session().hung_up())
        recording_->add(false, "HANGUP", Clock::now());  // it came before the handler
}

void HostedCall::on_disconnect() {
    if (recording_)
        recording_->note("asterisk closes the connection", Clock::now());
    if (admitting_)
        call_.cancel();
}

void HostedCall::on_end(const CallEnd& end) noexcept {
    try {
        finish(end);
    } catch (...) {
        services_.counters.add(&ServerCounters::internal_errors);
    }
    end_recording();
}

void HostedCall::finish(const CallEnd& end) {
    if (admitting_ && end.how != HandlerEnd::cancelled) {
        on_refused(&ServerCounters::refused_admission, refusal(end.error));
        return;
    }
    auto told = end;
    if (admitting_ && end.hung_up)
        told.how = HandlerEnd::hung_up;  // the admission was cancelled for it
    log().end(told, Clock::now() - accepted_);
    on_handler_end(told);
}

void HostedCall::end_recording() noexcept {
    if (!recording_)
        return;
    try {
        recording_->note("script closes the connection", Clock::now());
        services_.context->recorder->save(std::move(recording_));
    } catch (...) {
        services_.counters.add(&ServerCounters::internal_errors);
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
