// SPDX-License-Identifier: MIT
// Coroutines that wait for something; a wait allocates nothing and sets no timer.
#pragma once

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/reply.hpp>
#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// For something that happens again and again. Used on one executor. Whoever waits keeps it alive.
class WaitQueue {
public:
    /// `executor` lives as long as this.
    explicit WaitQueue(const asio::any_io_executor& executor) : executor_(executor) {}
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;

    /// Waits until it happens.
    /// Cancellation: all types; throws asio::error::operation_aborted.
    asio::awaitable<void> wait() {
        asio::use_awaitable_t<> token;
        return asio::async_initiate<asio::use_awaitable_t<>, void(error_code)>(Wait(*this), token);
    }
    /// It happens: resumes those who wait, before this returns. On the executor.
    void notify() {
        for (auto left = waiting_.size(); left > 0 && !waiting_.empty(); --left)
            resume(take(waiting_.front()), End::replied);
    }
    /// The same, but they resume later. False if one was destroyed, for want of memory: what waits
    /// for it would wait for ever, if the line did not end.
    bool post() noexcept {
        bool all = true;
        while (!waiting_.empty())
            all = post(waiting_.front(), End::replied) && all;
        return all;
    }
    /// Destroys the coroutines that wait: their execution context is being destroyed.
    void drop() noexcept {
        while (!waiting_.empty())
            waiting_.front().drop();
    }

private:
    struct Waiting : Operation {
        Waiting() noexcept : Operation(Deadline::max()) {}
        asio::cancellation_slot slot;
    };

    /// Resumes a coroutine.
    template <class Handler>
    class Resume {
    public:
        Resume(const asio::any_io_executor& here, Handler&& handler)
            : here_(here), handler_(std::move(handler)) {}

        void operator()(Outcome& outcome) {
            const auto code = outcome.end == End::cancelled
                                  ? error_code(asio::error::operation_aborted)
                                  : error_code();
            disconnect(asio::get_associated_cancellation_slot(handler_));
            const auto there = asio::get_associated_executor(handler_, here_);
            if (there == here_)
                return std::move(handler_)(code);
            asio::dispatch(there, [handler = std::move(handler_), code]() mutable {
                std::move(handler)(code);
            });
        }

    private:
        const asio::any_io_executor& here_;
        Handler handler_;
    };

    /// The operation lies in this object, as in Initiation, which says why that is good.
    class Wait {
    public:
        explicit Wait(WaitQueue& queue) : queue_(queue) {}

        template <class Handler>
        void operator()(Handler&& handler) && noexcept {
            operation_.slot = asio::get_associated_cancellation_slot(handler);
            operation_.completion.template emplace<Resume<std::decay_t<Handler>>>(
                queue_.executor_, std::forward<Handler>(handler)
            );
            try {
                if (operation_.slot.is_connected())
                    operation_.slot.assign([this](auto) { cancel(); });
                queue_.waiting_.push_back(operation_);
            } catch (const std::bad_alloc&) {
                operation_.drop();
            }
        }

    private:
        /// It may come again before the coroutine has resumed.
        void cancel() noexcept {
            if (operation_.is_linked())
                queue_.post(operation_, End::cancelled);
        }

        WaitQueue& queue_;
        Waiting operation_;
    };

    static void disconnect(asio::cancellation_slot slot) noexcept {
        if (slot.is_connected())
            slot.clear();
    }
    static Completion take(Operation& operation) noexcept {
        operation.unlink();
        return std::move(operation.completion);
    }
    static void resume(Completion completion, End end) {
        static const Reply none;
        std::string no_line;
        std::move(completion)({end, none, no_line});
    }
    /// Nothing can cancel it from now on: it may be destroyed here.
    bool post(Waiting& operation, End end) noexcept {
        disconnect(operation.slot);
        auto later = [completion = take(operation), end]() mutable {
            resume(std::move(completion), end);
        };
        try {
            asio::post(executor_, std::move(later));
            return true;
        } catch (...) {  // as in Initiation
            return false;
        }
    }

    const asio::any_io_executor& executor_;
    boost::intrusive::list<Waiting, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
