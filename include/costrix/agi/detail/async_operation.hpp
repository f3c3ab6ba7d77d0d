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
#include <string>
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

/// What `Parse` makes of an outcome, as a value; throws only what is no AGIException.
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

/// A completion handler with its arguments.
template <class Handler, class R>
auto bind_result(Handler&& handler, error_code code, agi::Result<R>&& result) {
    return [handler = std::move(handler), code, result = std::move(result)]() mutable {
        if constexpr (std::is_void_v<R>)
            std::move(handler)(code);
        else if (!code)
            std::move(handler)(code, std::move(*result));
        else
            std::move(handler)(code, R());
    };
}

/// An operation with its completion handler, in memory of the handler's allocator.
template <class Parse, class Handler>
class AsyncOperation final : public Operation {
public:
    static void
    start(SessionInterface& session, Begin begin, Operation&& operation, Handler&& handler) {
        Allocator allocator(asio::get_associated_allocator(handler));
        AsyncOperation* const self = Traits::allocate(allocator, 1);
        try {
            Traits::construct(allocator, self, session, std::move(operation), std::move(handler));
        } catch (...) {
            Traits::deallocate(allocator, self, 1);
            throw;
        }
        self->completion.template emplace<Ending>(self);
        self->id = session.next_id();
        auto slot = asio::get_associated_cancellation_slot(self->handler_);
        if (slot.is_connected())
            slot.assign([&session, id = self->id](auto type) { session.cancel(id, type); });
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

    static void destroy(AsyncOperation* self, Allocator allocator) noexcept {
        Traits::destroy(allocator, self);
        Traits::deallocate(allocator, self, 1);
    }
    struct Delete {
        void operator()(AsyncOperation* self) const noexcept {
            destroy(self, Allocator(asio::get_associated_allocator(self->handler_)));
        }
    };

    /// The operation's completion, which owns the operation.
    class Ending {
    public:
        explicit Ending(AsyncOperation* self) noexcept : self_(self) {}
        void operator()(Outcome& outcome) { finish(self_.release(), outcome); }

    private:
        std::unique_ptr<AsyncOperation, Delete> self_;
    };

    /// Frees the operation before the handler is called, which may need its memory.
    static void finish(AsyncOperation* self, Outcome& outcome) {
        typename Try<Parse>::Result result;
        const auto code = parse(outcome, result);
        auto& session = self->session_;
        session.recycle_line(std::move(outcome.line));
        auto slot = asio::get_associated_cancellation_slot(self->handler_);
        if (slot.is_connected())
            slot.clear();
        // Before the handler is moved, whose allocator and executor these are.
        const auto allocator = asio::get_associated_allocator(self->handler_);
        const auto executor = asio::get_associated_executor(self->handler_, session.get_executor());
        const auto work = std::move(self->work_);
        auto call = bind_result(std::move(self->handler_), code, std::move(result));
        destroy(self, Allocator(allocator));
        if constexpr (std::is_same_v<decltype(executor), const asio::any_io_executor>) {
            if (executor == session.get_executor())  // where this runs
                return call();
        }
        asio::dispatch(executor, asio::bind_allocator(allocator, std::move(call)));
    }

    static error_code parse(const Outcome& outcome, typename Try<Parse>::Result& result) noexcept {
        if (outcome.end == End::cancelled)
            return asio::error::operation_aborted;
        try {
            result = Try<Parse>::parse(outcome);
        } catch (...) {  // of a user's own action
            return Errc::failed;
        }
        return result ? error_code() : make_error_code(result.error().code());
    }

    SessionInterface& session_;
    Handler handler_;
    Work work_;
};

/// What Asio runs when the operation is started, at once or (deferred) later. Boost 1.81's deferred
/// needs it to be copyable.
template <class Parse>
class AsyncInitiation {
    using Result = typename Try<Parse>::Result;

public:
    /// That of the timer of asio::cancel_after.
    using executor_type = asio::any_io_executor;

    /// For a wait, or with a line for a command. `timeout` runs from the start.
    AsyncInitiation(
        SessionInterface& session,
        Begin begin,
        std::chrono::nanoseconds timeout,
        Deadline deadline,
        std::string line = {},
        CommandTraits traits = {}
    )
        : session_(&session), begin_(begin), timeout_(timeout), deadline_(deadline),
          line_(std::move(line)), traits_(traits) {}
    /// For what cannot be sent, and has its result already.
    AsyncInitiation(SessionInterface& session, Result refusal)
        : session_(&session), refusal_(std::move(refusal)) {}

    executor_type get_executor() const noexcept { return session_->get_executor(); }

    template <class Handler>
    void operator()(Handler&& handler) && {
        using Pending = AsyncOperation<Parse, std::decay_t<Handler>>;
        if (refusal_)
            return refuse<std::decay_t<Handler>>(std::forward<Handler>(handler));
        const auto deadline = std::min(deadline_, after(session_->now(), timeout_));
        Pending::start(
            *session_,
            begin_,
            Operation(std::move(line_), traits_, deadline),
            std::decay_t<Handler>(std::forward<Handler>(handler))
        );
    }

private:
    template <class Handler>
    void refuse(Handler handler) {
        const auto allocator = asio::get_associated_allocator(handler);
        const auto executor = asio::get_associated_executor(handler, session_->get_executor());
        const auto code = *refusal_ ? error_code() : make_error_code(refusal_->error().code());
        auto call = bind_result(std::move(handler), code, std::move(*refusal_));
        asio::post(executor, asio::bind_allocator(allocator, std::move(call)));
    }

    SessionInterface* session_;
    Begin begin_ = nullptr;
    std::chrono::nanoseconds timeout_ = std::chrono::nanoseconds::max();
    Deadline deadline_ = Deadline::max();
    std::string line_;
    CommandTraits traits_;
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
            return Initiation(session, begin, timeout, deadline, std::move(line), traits_of<A>());
        } catch (const AGIUsageError& error) {
            return Initiation(
                session, Result<ResultOf<A>>(Failure(std::current_exception(), error))
            );
        }
    };
    return start_async(initiation(), std::forward<Token>(token));
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
