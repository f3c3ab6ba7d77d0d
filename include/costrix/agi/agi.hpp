// SPDX-License-Identifier: MIT
// AGI: one call, as a coroutine sees it.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/detail/async_operation.hpp>
#include <costrix/agi/detail/execute.hpp>
#include <costrix/agi/detail/parallel_work.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/result.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// One call, as its handler sees it: sends commands to Asterisk and awaits the results.
///
/// Asterisk sleeps on a second command, so further `execute` calls are queued, in order.
///
/// Lifetime: the AGI and what its accessors return live until the handler returns. Operations still
/// pending then end with AGISIGPIPEHangup.
/// Thread safety: none; use it on its executor, where a handler runs anyway.
class AGI {
public:
    /// The time by which a command must have been answered.
    using Deadline = detail::Deadline;

    explicit AGI(detail::SessionInterface& session) noexcept : session_(session) {}  ///< Internal.
    AGI(const AGI&) = delete;
    AGI& operator=(const AGI&) = delete;

    /// Sends an action's command and awaits its typed result.
    ///
    /// The command is encoded before this returns, so `action` need not outlive the call.
    /// Throws: immediately AGIUsageError, if an argument cannot be sent. When awaited: an
    /// AGIHangup, if the call is over or ends meanwhile; an AGIError, if Asterisk refuses the
    /// command; AGINoResultError; whatever the action's result documents. Cancellation: all types;
    /// throws asio::error::operation_aborted. A queued command is removed. A prompt (STREAM FILE,
    /// GET DATA, GET OPTION, WAIT FOR DIGIT) is stopped in Asterisk: `terminal` completes at once;
    /// `partial` and `total` complete when it has stopped, with its result if it ended by itself.
    /// No other command can be stopped: `terminal` and `partial` abandon it, `total` does nothing.
    /// The reply to an abandoned command is dropped before the next command is sent, so the session
    /// stays in step.
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>> execute(const A& action) {
        return execute(action, Deadline::max());
    }

    /// The same with a deadline for the reply; throws AGITimeout at most 10 ms after it.
    ///
    /// There is no default: a Dial or a recording may take hours. The call goes on and the session
    /// stays in step, exactly as after a terminal cancellation: a prompt stops, and the reply to
    /// any other command is dropped.
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>> execute(const A& action, Deadline deadline);
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>>
    execute(const A& action, std::chrono::nanoseconds timeout);  ///< The same, counted from now.

    /// The same, but returns why there is no result instead of throwing it: C++ has no co_await in
    /// a catch block. An argument that cannot be sent is such a reason too.
    /// Throws only asio::error::operation_aborted, when it is cancelled.
    template <Action A>
    [[nodiscard]] asio::awaitable<Result<ResultOf<A>>>
    try_execute(const A& action, Deadline deadline = Deadline::max());
    template <Action A>
    [[nodiscard]] asio::awaitable<Result<ResultOf<A>>>
    try_execute(const A& action, std::chrono::nanoseconds timeout);  ///< The same, from now.

    /// The same for any completion token: `void(error_code, ResultOf<A>)`, or `void(error_code)` if
    /// the action has no result.
    ///
    /// The code is an Errc (`failed` also for what an action of yours throws), operation_aborted,
    /// or none; with one, the result is default-constructed. A timeout runs from the start of the
    /// operation, which `deferred` delays; the command is encoded now. The handler's executor,
    /// allocator and cancellation slot are used. Start it on the call's executor, and emit
    /// cancellations there; they have the same effects as for execute().
    /// Lifetime: the handler is called even if the call's handler returns first.
    template <Action A, class Token>
    auto async_execute(const A& action, Token&& token) {
        return async_execute(action, Deadline::max(), std::forward<Token>(token));
    }
    template <Action A, class Token>
    auto async_execute(const A& action, Deadline deadline, Token&& token) {
        return detail::start_action(
            session_, action, deadline, std::chrono::nanoseconds::max(), std::forward<Token>(token)
        );
    }
    template <Action A, class Token>
    auto async_execute(const A& action, std::chrono::nanoseconds timeout, Token&& token) {
        return detail::start_action(
            session_, action, Deadline::max(), timeout, std::forward<Token>(token)
        );
    }

    /// Sends any command line, as written, and returns the bare reply, whatever it is.
    ///
    /// For commands of modules that have no class here. Never throws an AGIException:
    /// Reply::status() reports a line that cannot be sent, a hangup or a lost connection.
    /// Cancellation: as for execute().
    [[nodiscard]] asio::awaitable<Reply> send(std::string_view command_line);

    /// The same for any completion token: `void(error_code, Reply)`. The code is
    /// asio::error::operation_aborted or none.
    template <class Token>
    auto async_send(std::string_view command_line, Token&& token) {
        return detail::start_async(start_send(command_line), std::forward<Token>(token));
    }

    /// The environment as a map, copied at each call; environment() does not copy.
    std::map<std::string, std::string> get_environment() const;

    /// What Asterisk said about the call when it began.
    const Environment& environment() const noexcept;

    /// True once the caller has hung up or the connection to Asterisk is lost.
    ///
    /// Known at once, even while no command runs, because a read is always outstanding. With
    /// AGISIGHUP=no Asterisk reports nothing: then the next reply that proves it tells, or a
    /// periodic check (FastAGIServerOptions::channel_check_interval).
    bool hung_up() const noexcept;

    /// Completes when hung_up() becomes true. Any number of coroutines may wait.
    ///
    /// Cancellation: all types; throws asio::error::operation_aborted.
    [[nodiscard]] asio::awaitable<void> wait_for_hangup();
    /// The same for any completion token: `void(error_code)`.
    template <class Token>
    auto async_wait_for_hangup(Token&& token) {
        return detail::start_async(start_wait_for_hangup(), std::forward<Token>(token));
    }

    /// Suspends for `time`, even after a hangup. Never early, at most 10 ms late.
    ///
    /// Needs no timer of its own, and in a test no real time (docs/testing.md).
    /// Throws: AGITimeout if a time limit of the session passes meanwhile.
    /// Cancellation: all types; throws asio::error::operation_aborted.
    [[nodiscard]] asio::awaitable<void> sleep_for(std::chrono::nanoseconds time);
    /// The same for any completion token: `void(error_code)`.
    template <class Token>
    auto async_sleep_for(std::chrono::nanoseconds time, Token&& token) {
        return detail::start_async(start_sleep_for(time), std::forward<Token>(token));
    }

    /// Runs `work`, cancels it if the caller hangs up, and returns its result.
    ///
    /// On a hangup the work is cancelled (terminal), and once it has ended this throws the
    /// AGIHangup that execute() would throw; work that completes nevertheless returns its result.
    /// If the call is over already, the work is not started. Lifetime: the work runs as a coroutine
    /// of its own, on the present coroutine's executor. For work on a thread pool see run_on().
    /// Cancellation: all types, forwarded to the work.
    template <class T>
    [[nodiscard]] asio::awaitable<T> unless_hung_up(asio::awaitable<T> work);

    /// Plays a prompt while `work` runs, and cuts it short when the work has ended.
    ///
    /// Returns the work's value, and the prompt's result if it ended by itself (played out, or a
    /// key); the work continues after such an end. An exception of either cancels the other one and
    /// is rethrown, so a hangup cancels the work.
    /// Cancellation: all types, forwarded to both.
    template <Action A, class T>
    [[nodiscard]] asio::awaitable<During<T, ResultOf<A>>>
    execute_during(const A& prompt, asio::awaitable<T> work);

    /// Allows commands after the hangup, for cleaning up.
    ///
    /// Commands that Asterisk runs on a dead channel (docs/guide.md) are then sent; any other
    /// throws AGIDeadChannelError, and Exec returns -1 as a value. May be called at any time; a
    /// session that began on a dead channel does not need it. With AGIEXITONHANGUP=yes Asterisk
    /// closes the connection at the hangup, so nothing can be sent.
    void allow_after_hangup() noexcept;

    /// The executor that the session runs on.
    asio::any_io_executor get_executor() const;
    /// The present time by the clock of deadlines and sleep_for(): steady, or a test's own.
    Deadline now() const noexcept { return session_.now(); }

    /// The address at which Asterisk reached this server; unspecified for a script.
    asio::ip::address local_address() const;

private:
    friend detail::SessionInterface& session_of(AGI& call) noexcept { return call.session_; }
    detail::AsyncInitiation<detail::ParseReply> start_send(std::string_view command_line);
    detail::AsyncInitiation<detail::ParseEnd> start_wait_for_hangup();
    detail::AsyncInitiation<detail::ParseEnd> start_sleep_for(std::chrono::nanoseconds time);

    detail::SessionInterface& session_;
};

template <Action A>
asio::awaitable<ResultOf<A>> AGI::execute(const A& action, std::chrono::nanoseconds timeout) {
    return execute(action, detail::after(session_.now(), timeout));
}

template <Action A>
asio::awaitable<ResultOf<A>> AGI::execute(const A& action, Deadline deadline) {
    using Parse = detail::ParseResult<A>;
    return detail::initiate<Parse, &detail::SessionInterface::submit>(
        session_, detail::encode(session_, action), detail::traits_of<A>(), deadline
    );
}

template <Action A>
asio::awaitable<Result<ResultOf<A>>> AGI::try_execute(const A& action, Deadline deadline) {
    try {
        using Parse = detail::Try<detail::ParseResult<A>>;
        return detail::initiate<Parse, &detail::SessionInterface::submit>(
            session_, detail::encode(session_, action), detail::traits_of<A>(), deadline
        );
    } catch (const AGIUsageError& error) {
        return detail::ready(Result<ResultOf<A>>(Failure(std::current_exception(), error)));
    }
}

template <Action A>
asio::awaitable<Result<ResultOf<A>>>
AGI::try_execute(const A& action, std::chrono::nanoseconds timeout) {
    return try_execute(action, detail::after(session_.now(), timeout));
}

template <class T>
asio::awaitable<T> AGI::unless_hung_up(asio::awaitable<T> work) {
    return detail::unless_hung_up<T>(session_, wait_for_hangup(), std::move(work));
}

template <Action A, class T>
asio::awaitable<During<T, ResultOf<A>>>
AGI::execute_during(const A& prompt, asio::awaitable<T> work) {
    static_assert(
        detail::traits_of<A>().interruptible,
        "only STREAM FILE, GET DATA, GET OPTION and WAIT FOR DIGIT can be stopped in Asterisk"
    );
    return detail::play_during<detail::ParseResult<A>>(
        session_, detail::encode(session_, prompt), detail::traits_of<A>(), std::move(work)
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
