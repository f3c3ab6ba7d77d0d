// SPDX-License-Identifier: MIT
// The templates behind AGI::execute: from an action to the session's type-erased operation.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/exceptions.hpp>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/dispatch.hpp>
#include <asio/use_awaitable.hpp>

#include <exception>
#include <new>
#include <utility>

namespace costrix::agi::detail {

/// How Asio is told of a result: an exception or a value.
template <class Result>
struct SignatureOf {
    using Type = void(std::exception_ptr, Result);
};
template <>
struct SignatureOf<void> {
    using Type = void(std::exception_ptr);
};

/// Makes the result of an action's reply, or throws what the reply stands for.
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

/// For a wait that a call that has ended refuses: throws the kind of AGIHangup that it ended with.
struct ParseRefusal {
    using Result = void;
    static void parse(const Outcome& outcome) { throw_if_failed(outcome); }
};
/// Makes the Initiation of such a wait.
struct Refused {};

/// The action's own traits, if it has some, or those of the command of its name.
template <Action A>
constexpr CommandTraits traits_of() noexcept {
    if constexpr (requires { A::traits; })
        return A::traits;
    else
        return command_traits(A::command);
}

/// The action's command line; throws AGIUsageError when it cannot be sent.
template <Action A>
std::string encode(Session& session, const A& action) {
    CommandLine line = new_line(session);
    line.name(A::command);
    action.encode(line);
    return finish(session, std::move(line), A::command);
}

/// Turns an Outcome into a result and resumes the coroutine with it.
///
/// Everything is parsed, and the line's memory given back, before the coroutine runs: what it does
/// next may be the next command.
template <class Parse, class Handler>
class Awaiter {
public:
    Awaiter(Session& session, Handler&& handler)
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
            give_back(session_, std::move(outcome.line));
            resume(std::move(error));
        } else {
            Result result{};
            try {
                result = Parse::parse(outcome);
            } catch (...) {
                error = std::current_exception();
            }
            give_back(session_, std::move(outcome.line));
            resume(std::move(error), std::move(result));
        }
    }

private:
    /// Inline where the coroutine lives on the session's executor, which is where this runs.
    template <class... Args>
    void resume(Args&&... args) {
        const auto& here = executor_of(session_);
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

    Session& session_;
    Handler handler_;
};

/// What Asio runs when a coroutine awaits: hands the operation to the session. Asio keeps it in the
/// frame of that coroutine until it has been resumed.
///
/// Asio lets nothing be thrown from here. When there is no memory to hand it over, the coroutine is
/// destroyed where it waits, as it is when its io_context goes; whoever started it must notice.
template <class Parse>
class Initiation {
public:
    /// For a command; `id` of next_id() for who wants to cancel() it.
    Initiation(
        Session& session,
        std::string&& line,
        CommandTraits traits,
        Deadline deadline,
        std::uint64_t id = 0
    )
        : session_(session), operation_(std::move(line), traits, deadline) {
        operation_.id = id;
    }
    /// For a wait for the hangup.
    explicit Initiation(Session& session)
        : session_(session), operation_(Deadline::max()), begin_(watch) {}
    /// For a wait that fails.
    Initiation(Session& session, Refused)
        : session_(session), operation_(Deadline::max()), begin_(refuse) {}
    /// For a wait for a time.
    Initiation(Session& session, Deadline until)
        : session_(session), operation_(until), begin_(sleep) {}

    template <class Handler>
    void operator()(Handler&& handler) && noexcept {
        auto slot = asio::get_associated_cancellation_slot(handler);
        operation_.completion.template emplace<Awaiter<Parse, std::decay_t<Handler>>>(
            session_, std::forward<Handler>(handler)
        );
        try {
            hand_over(slot);
        } catch (const std::bad_alloc&) {
            operation_.drop();
        }
    }

private:
    void hand_over(asio::cancellation_slot slot) {
        if (operation_.id == 0)
            operation_.id = next_id(session_);
        if (slot.is_connected()) {
            const auto id = operation_.id;
            slot.assign([&session = session_, id](asio::cancellation_type type) {
                cancel(session, id, type);
            });
        }
        begin_(session_, operation_);
    }

    Session& session_;
    Operation operation_;
    void (*begin_)(Session&, Operation&) = submit;
};

template <class Parse, class... Args>
auto initiate(Session& session, Args&&... args) {
    using Signature = typename SignatureOf<typename Parse::Result>::Type;
    asio::use_awaitable_t<> token;
    return asio::async_initiate<asio::use_awaitable_t<>, Signature>(
        Initiation<Parse>(session, std::forward<Args>(args)...), token
    );
}

}  // namespace costrix::agi::detail
