// SPDX-License-Identifier: MIT
// A call over a stream of the user's: hosted like a server's, with one who waits for its end.
#include "server/stream_call.hpp"

#include "protocol/log_text.hpp"

#include <costrix/asio.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

StreamCall::StreamCall(
    std::unique_ptr<Transport> transport,
    const Peer& peer,
    const Router& router,
    const CallOptions& options
)
    : HostedCall(call_, services_, false),
      services_{options.context_, router, options.context_->counters},
      transport_(std::move(transport)), proxied_(read_header_of(peer, *transport_)),
      call_(
          proxied_ ? static_cast<Transport&>(*proxied_) : *transport_,
          services_.context->limits,
          *this
      ) {
    call_.request().peer = peer;
}

StreamCall::~StreamCall() {
    // It never ended if its context is being destroyed, or there was no memory to go on.
    if (waiter_ && started_)
        services_.counters.subtract(&ServerCounters::sessions);
}

void StreamCall::start(std::unique_ptr<CallWaiter> waiter) {
    waiter_ = std::move(waiter);
    services_.counters.add(&ServerCounters::accepted);
    services_.counters.add(&ServerCounters::sessions);
    started_ = true;
    HostedCall::start();
}

void StreamCall::on_fault(Fault fault, std::string_view why) {
    HostedCall::on_fault(fault, why);
    decide(CallOutcome::fault, log_text(why));
}

void StreamCall::on_refused(Counter reason, const std::string& why) {
    HostedCall::on_refused(reason, why);
    const bool no_route = reason == Counter(&ServerCounters::refused_no_route);
    decide(no_route ? CallOutcome::no_route : CallOutcome::refused, why);
}

void StreamCall::decide(CallOutcome how, std::string reason) {
    if (std::exchange(decided_, true))
        return;
    result_.how = how;
    result_.reason = std::move(reason);
}

void StreamCall::on_handler_end(const CallEnd& end) {
    result_.error = end.error;
    const bool good = end.how == CallOutcome::returned || end.how == CallOutcome::hung_up;
    decide(end.how, end.error && !good ? log_message(describe(end.error)) : std::string());
}

void StreamCall::on_end(const CallEnd& end) noexcept {
    HostedCall::on_end(end);
    result_.commands = end.commands;
}

void StreamCall::on_closed() noexcept {
    services_.counters.subtract(&ServerCounters::sessions);
    try {
        std::exchange(waiter_, nullptr)->complete(std::move(result_));
    } catch (...) {  // no memory to post it: whoever waits is destroyed
        services_.counters.add(&ServerCounters::internal_errors);
    }
}

std::weak_ptr<StreamCall> start_stream_call(
    std::unique_ptr<Transport> transport,
    std::optional<asio::ip::tcp::endpoint> peer,
    const Router& router,
    const CallOptions& options,
    std::unique_ptr<CallWaiter> waiter
) {
    if (peer)
        peer->address(unmapped(peer->address()));
    std::shared_ptr<StreamCall> call;
    try {
        call = std::make_shared<StreamCall>(std::move(transport), peer, router, options);
    } catch (...) {
        const auto error = std::current_exception();
        waiter->complete({CallOutcome::failed, log_message(describe(error)), error});
        return {};
    }
    const auto executor = call->get_executor();
    asio::dispatch(executor, [call, waiter = std::move(waiter)]() mutable {
        call->start(std::move(waiter));
    });
    return call;
}

void cancel_stream_call(const std::weak_ptr<StreamCall>& cancelled) {
    if (auto call = cancelled.lock()) {
        const auto executor = call->get_executor();
        asio::post(executor, [call = std::move(call)] { call->cancel(); });
    }
}

}  // namespace detail

CallOptions::CallOptions(FastAGIServerOptions options)
    : context_(std::make_shared<const detail::ServerContext>(std::move(options))) {}

ServerCounters CallOptions::counters() const noexcept {
    ServerCounters sum;
    context_->counters.add_to(sum);
    return sum;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
