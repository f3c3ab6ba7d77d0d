// SPDX-License-Identifier: MIT
// The templates behind AGI::execute: from an action to the session's type-erased operation.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/detail/outcome.hpp>
#include <costrix/agi/detail/session_interface.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The signature of a completion with this result: an exception or a value.
template <class Result>
struct SignatureOf {
    using Type = void(std::exception_ptr, Result);
};
template <>
struct SignatureOf<void> {
    using Type = void(std::exception_ptr);
};

/// The result of an action from its reply; throws what the reply stands for.
template <Action A>
struct ParseResult {
    using Result = ResultOf<A>;
    static Result parse(const Outcome& outcome) {
        throw_if_failed(outcome);
        try {
            return A::parse(outcome.reply);
        } catch (AGIException& error) {
            error.attach(command_of(outcome), outcome.reply);
            throw;
        }
    }
};

/// For a wait, which has no reply.
struct ParseEnd {
    using Result = void;
    static void parse(const Outcome& outcome) { throw_if_ended(outcome); }
};

/// For send(): the bare reply, without exceptions.
struct ParseReply {
    using Result = Reply;
    static Reply parse(const Outcome& outcome) { return to_reply(outcome); }
};

template <Action A>
constexpr CommandTraits find_traits() noexcept {
    auto traits = command_traits(A::command);
    if constexpr (requires { A::traits; }) {
        const auto number = traits.number;
        traits = A::traits;
        traits.number = number;
    }
    return traits;
}

/// Well-formed if find_traits() is a constant; an action of the user's may compose its name.
template <Action A>
using KnownNow = std::integral_constant<std::uint8_t, find_traits<A>().number>;

/// So that no command searches for its traits when it is sent.
template <Action A>
inline constexpr CommandTraits kTraits = find_traits<A>();

/// The action's own traits if it has any, otherwise those of the command of its name.
template <Action A>
constexpr CommandTraits traits_of() noexcept {
    if constexpr (requires { typename KnownNow<A>; })
        return kTraits<A>;
    else
        return find_traits<A>();
}

/// The action's command line; throws AGIUsageError if it cannot be sent.
template <Action A>
std::string encode(SessionInterface& session, const A& action) {
    CommandLine line = session.new_line();
    line.name(A::command);
    action.encode(line);
    return finish(session, std::move(line), A::command);
}

/// Turns an Outcome into a result, and resumes the coroutine with it.
///
/// The result is parsed and the line's memory recycled before the coroutine runs: what it does next
/// may be the next command.
template <class Parse, class Handler>
class ReplyHandler {
public:
    ReplyHandler(SessionInterface& session, Handler&& handler)
        : session_(session), handler_(std::move(handler)) {}

    void operator()(Outcome& outcome) {
        using Result = typename Parse::Result;
        std::exception_ptr error;
        if constexpr (std::is_void_v<Result>) {
            try {
                Parse::parse(outcome);
            } catch (...) {
                error = std::current_exception();
            }
            session_.recycle_line(std::move(outcome.line));
            resume(std::move(error));
        } else {
            Result result{};
            try {
                result = Parse::parse(outcome);
            } catch (...) {
                error = std::current_exception();
            }
            session_.recycle_line(std::move(outcome.line));
            resume(std::move(error), std::move(result));
        }
    }

private:
    /// Inline if the coroutine lives on the session's executor, where this runs.
    template <class... Args>
    void resume(Args&&... args) {
        const auto& here = session_.get_executor();
        const auto there = asio::get_associated_executor(handler_, here);
        if (there == here) {
            std::move(handler_)(std::forward<Args>(args)...);
            return;
        }
        asio::dispatch(
            there,
            [handler = std::move(handler_), ... args = std::forward<Args>(args)]() mutable {
                std::move(handler)(std::move(args)...);
            }
        );
    }

    SessionInterface& session_;
    Handler handler_;
};

/// Which function of the session takes the operation.
using Begin = void (SessionInterface::*)(Operation&);

/// What Asio runs when a coroutine awaits: gives the operation to the session.
///
/// The operation lies in this object, which Asio keeps in the frame of the awaiting coroutine until
/// that resumes. `use_awaitable` does so in Asio 1.22 to 1.38, but Asio does not document it.
///
/// Initiation must not throw. If allocation fails, the suspended coroutine is destroyed, as when
/// its io_context is destroyed; whoever spawned it must handle that.
template <class Parse, Begin Function>
class Initiation {
public:
    template <class... Args>
    explicit Initiation(SessionInterface& session, Args&&... operation)
        : session_(session), operation_(std::forward<Args>(operation)...) {}

    template <class Handler>
    void operator()(Handler&& handler) && noexcept {
        auto slot = asio::get_associated_cancellation_slot(handler);
        operation_.completion.template emplace<ReplyHandler<Parse, std::decay_t<Handler>>>(
            session_, std::forward<Handler>(handler)
        );
        try {
            if (operation_.id == 0)
                operation_.id = session_.next_id();
            if (slot.is_connected())
                slot.assign([&session = session_, id = operation_.id](auto type) {
                    session.cancel(id, type);
                });
            (session_.*Function)(operation_);
        } catch (const std::bad_alloc&) {
            operation_.drop();
        }
    }

private:
    SessionInterface& session_;
    Operation operation_;
};

/// Awaits an Operation of these arguments, and parses its outcome.
template <class Parse, Begin Function, class... Args>
auto initiate(SessionInterface& session, Args&&... operation) {
    using Signature = typename SignatureOf<typename Parse::Result>::Type;
    asio::use_awaitable_t<> token;
    return asio::async_initiate<asio::use_awaitable_t<>, Signature>(
        Initiation<Parse, Function>(session, std::forward<Args>(operation)...), token
    );
}

/// A coroutine that has its result already.
template <class T>
asio::awaitable<T> ready(T value) {
    co_return value;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
