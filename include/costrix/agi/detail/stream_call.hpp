// SPDX-License-Identifier: MIT
// What serve_call() hands to the library: a transport, a peer, and who waits for the end.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/call_result.hpp>
#include <costrix/agi/detail/transport.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

class CallOptions;
class Router;

namespace detail {

struct ServerContext;

/// Who waits for the end of a call.
class CallWaiter {
public:
    virtual ~CallWaiter() = default;
    /// Posts the result to whoever waits. Once.
    virtual void complete(CallResult result) = 0;
};

/// Starts a call over a stream; returns what cancels it, which is empty when it has ended.
class StreamCall;
std::weak_ptr<StreamCall> start_stream_call(
    std::unique_ptr<Transport> transport,
    std::optional<asio::ip::tcp::endpoint> peer,
    const Router& router,
    const CallOptions& options,
    std::unique_ptr<CallWaiter> waiter
);
/// Cancels (terminal) its handler. Any thread.
void cancel_stream_call(const std::weak_ptr<StreamCall>& call);

/// A completion handler of the user's, which keeps its executor busy until it is called.
template <class Handler>
class HandlerWaiter final : public CallWaiter {
public:
    HandlerWaiter(Handler handler, const asio::any_io_executor& executor)
        : executor_(asio::prefer(
              asio::get_associated_executor(handler, executor),
              asio::execution::outstanding_work.tracked
          )),
          handler_(std::move(handler)) {}

    void complete(CallResult result) override {
        const auto executor = executor_;
        asio::post(executor, [handler = std::move(handler_), result = std::move(result)]() mutable {
            std::move(handler)(std::move(result));
        });
    }

private:
    using Executor = asio::associated_executor_t<Handler, asio::any_io_executor>;
    std::decay_t<
        decltype(asio::prefer(std::declval<Executor>(), asio::execution::outstanding_work.tracked))>
        executor_;
    Handler handler_;
};

/// The initiation of serve_call().
struct StartCall {
    /// That of the timer of asio::cancel_after.
    using executor_type = asio::any_io_executor;

    const Router* router;
    executor_type executor;

    executor_type get_executor() const noexcept { return executor; }

    template <class Handler>
    void operator()(
        Handler&& handler,
        std::unique_ptr<Transport> transport,
        std::optional<asio::ip::tcp::endpoint> peer,
        const CallOptions& options
    ) const {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto waiter = std::make_unique<HandlerWaiter<std::decay_t<Handler>>>(
            std::forward<Handler>(handler), transport->get_executor()
        );
        const auto call = start_stream_call(
            std::move(transport), std::move(peer), *router, options, std::move(waiter)
        );
        if (slot.is_connected())
            slot.assign([call](asio::cancellation_type type) {
                if ((type & asio::cancellation_type::terminal) != asio::cancellation_type::none)
                    cancel_stream_call(call);
            });
    }
};

}  // namespace detail

}  // namespace costrix::inline COSTRIX_ABI::agi
