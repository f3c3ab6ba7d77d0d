// SPDX-License-Identifier: MIT
// Operations for any completion token; AGI::execute(), which is a coroutine's, needs none of this.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/execute.hpp>
#include <costrix/agi/result.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The signature of a completion handler with this result: an error code, and a value.
template <class R>
struct AsyncSignature {
    using Type = void(error_code, R);
};
template <>
struct AsyncSignature<void> {
    using Type = void(error_code);
};

/// What `Parse` makes of an outcome, as a value; throws only if it was cancelled.
template <class Parse>
struct Try {
    using Result = agi::Result<typename Parse::Result>;
    static Result parse(const Outcome& outcome) {
        try {
            if constexpr (std::is_void_v<typename Parse::Result>) {
                Parse::parse(outcome);
                return {};
            } else {
                return Parse::parse(outcome);
            }
        } catch (const AGIException& error) {
            return Failure(std::current_exception(), error);
        }
    }
};

/// Calls a completion handler: on its own executor, or at once if that is `here`.
template <class Handler, class R>
void call_handler(
    const asio::any_io_executor& here,
    Handler&& handler,
    error_code code,
    agi::Result<R>&& result
) {
    const auto executor = asio::get_associated_executor(handler, here);
    const auto allocator = asio::get_associated_allocator(handler);
    auto call = [handler = std::move(handler), code, result = std::move(result)]() mutable {
        if constexpr (std::is_void_v<R>)
            std::move(handler)(code);
        else if (result)
            std::move(handler)(code, std::move(*result));
        else
            std::move(handler)(code, R());
    };
    if constexpr (std::is_same_v<decltype(executor), const asio::any_io_executor>) {
        if (executor == here)
            return call();
    }
    asio::dispatch(executor, asio::bind_allocator(allocator, std::move(call)));
}

/// An operation with its completion handler, in memory of the handler's allocator.
template <class Parse, class Handler>
class AsyncOperation final : public Operation {
public:
    static void
    start(SessionInterface& session, Begin begin, Operation&& operation, Handler&& handler) {
        Allocator allocator(asio::get_associated_allocator(handler));
        AsyncOperation* const self = Traits::allocate(allocator, 1);
        Traits::construct(allocator, self, session, std::move(operation), std::move(handler));
        self->completion.template emplace<Ending>(self);
        self->id = session.next_id();
        const auto slot = asio::get_associated_cancellation_slot(self->handler_);
        if (slot.is_connected())
            asio::get_associated_cancellation_slot(self->handler_)
                .assign([&session, id = self->id](auto type) { session.cancel(id, type); });
        try {
            (session.*begin)(*self);
        } catch (const std::bad_alloc&) {
            self->drop();
        }
    }

    /// For the allocator.
    AsyncOperation(SessionInterface& session, Operation&& operation, Handler&& handler)
        : Operation(std::move(operation)), session_(session), handler_(std::move(handler)),
          work_(asio::get_associated_executor(handler_, session.get_executor())) {}

private:
    using Allocator = typename std::allocator_traits<
        asio::associated_allocator_t<Handler>>::template rebind_alloc<AsyncOperation>;
    using Traits = std::allocator_traits<Allocator>;
    using Work =
        asio::executor_work_guard<asio::associated_executor_t<Handler, asio::any_io_executor>>;

    struct Delete {
        void operator()(AsyncOperation* self) const noexcept {
            Allocator allocator(asio::get_associated_allocator(self->handler_));
            Traits::destroy(allocator, self);
            Traits::deallocate(allocator, self, 1);
        }
    };

    /// The operation's completion, which owns the operation.
    class Ending {
    public:
        explicit Ending(AsyncOperation* self) noexcept : self_(self) {}

        void operator()(Outcome& outcome) {
            error_code code;
            typename Try<Parse>::Result result;
            if (outcome.end == End::cancelled)
                code = asio::error::operation_aborted;
            else if (result = Try<Parse>::parse(outcome); !result)
                code = make_error_code(result.error().code());
            auto& session = self_->session_;
            session.recycle_line(std::move(outcome.line));
            auto slot = asio::get_associated_cancellation_slot(self_->handler_);
            if (slot.is_connected())
                slot.clear();
            const auto work = std::move(self_->work_);
            auto handler = std::move(self_->handler_);
            self_.reset();  // before the call, which may need its memory
            call_handler(session.get_executor(), std::move(handler), code, std::move(result));
        }

    private:
        std::unique_ptr<AsyncOperation, Delete> self_;
    };

    SessionInterface& session_;
    Handler handler_;
    Work work_;
};

/// What Asio runs when the operation is started, at once or (deferred) later.
template <class Parse>
class AsyncInitiation {
    using Result = typename Try<Parse>::Result;

public:
    /// `timeout` runs from the start.
    template <class... Args>
    AsyncInitiation(
        SessionInterface& session,
        Begin begin,
        std::chrono::nanoseconds timeout,
        Args&&... operation
    )
        : session_(&session), begin_(begin), timeout_(timeout),
          operation_(std::forward<Args>(operation)...) {}
    /// For what cannot be sent, and has its result already.
    AsyncInitiation(SessionInterface& session, Result refusal)
        : session_(&session), operation_(Deadline::max()), refusal_(std::move(refusal)) {}

    template <class Handler>
    void operator()(Handler&& handler) && {
        using Pending = AsyncOperation<Parse, std::decay_t<Handler>>;
        if (refusal_)
            return refuse<std::decay_t<Handler>>(std::forward<Handler>(handler));
        operation_.deadline = std::min(operation_.deadline, after(session_->now(), timeout_));
        Pending::start(
            *session_,
            begin_,
            std::move(operation_),
            std::decay_t<Handler>(std::forward<Handler>(handler))
        );
    }

private:
    template <class Handler>
    void refuse(Handler handler) {
        const auto& here = session_->get_executor();
        auto call = [here, handler = std::move(handler), result = std::move(*refusal_)]() mutable {
            const auto code = result ? error_code() : make_error_code(result.error().code());
            call_handler(here, std::move(handler), code, std::move(result));
        };
        asio::post(here, std::move(call));
    }

    SessionInterface* session_;
    Begin begin_ = nullptr;
    std::chrono::nanoseconds timeout_ = std::chrono::nanoseconds::max();
    Operation operation_;
    std::optional<Result> refusal_;
};

/// Not async_initiate(): Asio would find it.
template <class Parse, class Token>
auto start_async(AsyncInitiation<Parse>&& initiation, Token&& token) {
    using Signature = typename AsyncSignature<typename Parse::Result>::Type;
    return asio::async_initiate<Token, Signature>(std::move(initiation), token);
}

/// For an action: encodes it now, starts it when Asio says so.
template <Action A, class Token>
auto start_action(
    SessionInterface& session,
    const A& action,
    Deadline deadline,
    std::chrono::nanoseconds timeout,
    Token&& token
) {
    using Initiation = AsyncInitiation<ParseResult<A>>;
    const auto initiation = [&] {
        try {
            auto line = encode(session, action);
            const auto begin = &SessionInterface::submit;
            return Initiation(session, begin, timeout, std::move(line), traits_of<A>(), deadline);
        } catch (const AGIUsageError& error) {
            return Initiation(
                session, Result<ResultOf<A>>(Failure(std::current_exception(), error))
            );
        }
    };
    return start_async(initiation(), std::forward<Token>(token));
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
