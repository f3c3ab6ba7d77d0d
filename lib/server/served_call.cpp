// SPDX-License-Identifier: MIT
// A call of a server's: dispatched, logged, recorded.
#include "server/served_call.hpp"

#include "server/dispatch.hpp"
#include "server/server_loop.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

ServedCall::ServedCall(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct,
    std::shared_ptr<ServerLoop> loop,
    const Peer& peer,
    bool busy
)
    : loop_(std::move(loop)),
      transport_(make_transport(std::move(socket), std::move(executor), direct)),
      call_(transport_, loop_->context()->limits, *this), busy_(busy) {
    call_.request().peer = peer;
}

ServedCall::~ServedCall() {
    // It never ended if its context is being destroyed, or there was no memory to go on.
    if (!call_.ended())
        loop_->on_call_closed(*this);
}

void ServedCall::start() {
    call_.session().observe_lines(loop_->context()->logger->should_log(spdlog::level::trace));
    call_.start();
}

CallLog ServedCall::log() const noexcept {
    return {loop_->log(), call_};
}

std::shared_ptr<const ScriptHandler> ServedCall::route() {
    auto found = dispatch(loop_->context(), call_.environment(), busy_, call_.request());
    if (found.handler)
        begin_recording();
    else
        log().closed(found.refused, found.why);
    return std::move(found.handler);
}

void ServedCall::on_stray_exception(const std::exception_ptr& error) {
    log().stray_exception(error);
}

void ServedCall::on_line(bool sent, std::string_view line) {
    if (recording_)
        recording_->add(sent, line, Clock::now());
    log().line(sent, line);
}

void ServedCall::begin_recording() {
    const auto& recorder = loop_->context()->recorder;
    if (!recorder)
        return;
    recording_ = recorder->begin(call_.environment(), call_.request().path);
    if (!recording_)
        return;
    call_.session().observe_lines(true);
    if (call_.session().hung_up())
        recording_->add(false, "HANGUP", Clock::now());  // it came together with the environment
}

void ServedCall::on_disconnect() {
    if (recording_)
        recording_->note("asterisk closes the connection", Clock::now());
}

void ServedCall::on_end(const CallEnd& end) noexcept {
    log().end(end, Clock::now() - accepted_);
    if (!recording_)
        return;
    try {
        recording_->note("script closes the connection", Clock::now());
        loop_->context()->recorder->save(std::move(recording_));
    } catch (...) {
        loop_->counters().add(&ServerCounters::internal_errors);
    }
}

void ServedCall::on_closed() noexcept {
    loop_->on_call_closed(*this);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
