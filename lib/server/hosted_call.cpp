// SPDX-License-Identifier: MIT
// A call that is routed, admitted, logged, counted and recorded, wherever it comes from.
#include "server/hosted_call.hpp"

#include "protocol/log_text.hpp"
#include "server/trusted_proxies.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Ends a call that a coroutine did not admit.
struct NotAdmitted {};

Refusal::Reason reason_of(Fault fault) noexcept {
    if (fault == Fault::silent)
        return Refusal::Reason::health_probe;
    return fault == Fault::internal ? Refusal::Reason::internal : Refusal::Reason::environment;
}

Refusal::Reason reason_of(Counter reason) noexcept {
    if (reason == Counter(&ServerCounters::refused_path))
        return Refusal::Reason::path;
    const bool no_route = reason == Counter(&ServerCounters::refused_no_route);
    return no_route ? Refusal::Reason::no_route : Refusal::Reason::admission;
}

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
    if (services_.context->logger->should_log(spdlog::level::trace))
        call_.session().observe_lines();
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
    begun_ = true;
    call_.observe(services_.context->observer.get(), found.pattern, busy_);
    if (!services_.context->options.admission.is_coroutine())
        return std::move(found.handler);
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
    co_await (*handler)(agi, call_.request());
}

void HostedCall::on_stray_exception(const std::exception_ptr& error) {
    log().stray_exception(error);
}

void HostedCall::on_line(bool sent, std::string_view line) {
    log().line(sent, line);
}

void HostedCall::on_observer_exception(const std::exception_ptr& error) noexcept {
    services_.log().observer_exception(error);
}

void HostedCall::tell_refusal(Refusal::Reason reason, std::string_view why) const noexcept {
    const auto& environment = call_.environment();
    const bool known = !environment.block().empty();
    services_.log().refused({reason, why, &call_.request(), known ? &environment : nullptr});
}

void HostedCall::on_fault(Fault fault, std::string_view why) {
    log().fault(fault, why);
    if (!begun_)
        tell_refusal(reason_of(fault), log_text(why));
}

void HostedCall::on_refused(Counter reason, const std::string& why) {
    log().closed(reason, why);
    tell_refusal(reason_of(reason), why);
}

void HostedCall::on_disconnect() {
    if (admitting_)
        call_.cancel();
}

void HostedCall::on_end(const CallEnd& end) noexcept {
    try {
        finish(end);
    } catch (...) {
        services_.counters.add(&ServerCounters::internal_errors);
    }
}

void HostedCall::finish(const CallEnd& end) {
    auto told = end;
    if (admitting_ && end.how != CallOutcome::cancelled) {
        told.how = CallOutcome::refused;
        call_.tell_end(told);
        on_refused(&ServerCounters::refused_admission, refusal(end.error));
        return;
    }
    if (admitting_ && end.hung_up)
        told.how = CallOutcome::hung_up;  // the admission was cancelled for it
    call_.tell_end(told);
    if (!begun_ && end.error)
        tell_refusal(Refusal::Reason::internal, log_message(describe(end.error)));
    log().end(told);
    on_handler_end(told);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
