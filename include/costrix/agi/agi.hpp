// SPDX-License-Identifier: MIT
// AGI: one call, as a coroutine sees it.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/detail/execute.hpp>
#include <costrix/agi/detail/structured.hpp>
#include <costrix/agi/protocol/environment.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

/// The interface to Asterisk for the call of one session.
///
/// A handler is given one and sends commands through it. At most one command is with Asterisk at a
/// time, since Asterisk sleeps on a second one; `execute` calls made meanwhile wait in their order.
///
/// Lifetime: the AGI and what its accessors return live until the handler returns. Every
/// operation that is still pending then ends with AGISIGPIPEHangup.
/// Thread safety: none; use it from its executor, where a handler runs anyway.
class AGI {
public:
    /// When a command must have been answered.
    using Deadline = detail::Deadline;

    explicit AGI(detail::Session& session) noexcept : session_(session) {}
    AGI(const AGI&) = delete;
    AGI& operator=(const AGI&) = delete;

    /// Sends an action's command and awaits its typed result.
    ///
    /// The command is encoded before this returns; nothing of `action` is referred to after that.
    /// Throws: at once AGIUsageError, when an argument cannot be sent. When awaited: AGIHangup's
    /// kinds, when the call is over before or meanwhile; AGIError's kinds, when Asterisk refuses
    /// the command; AGINoResultError; what the action's result says of itself.
    /// Cancellation: all types. A command that waits for its turn is removed. A prompt (STREAM
    /// FILE, GET DATA, GET OPTION, WAIT FOR DIGIT) is stopped in Asterisk: with `terminal` this
    /// ends at once, with `partial` or `total` when it has stopped, with the result if it had ended
    /// by itself. No other command can be stopped: `terminal` and `partial` give it up, `total`
    /// does nothing. A reply still owed is dropped before the next command is sent, so the session
    /// stays in step. A cancelled operation throws asio::error::operation_aborted.
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>> execute(const A& action);

    /// The same, with a time by which the reply must have come.
    ///
    /// There is no default: a Dial or a recording may take hours. When the time is over this throws
    /// AGITimeout, within 10 ms; the call goes on and the session stays in step, exactly as after a
    /// terminal cancellation: a prompt stops, any other command's reply is dropped when it comes.
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>> execute(const A& action, Deadline deadline);
    template <Action A>
    [[nodiscard]] asio::awaitable<ResultOf<A>>
    execute(const A& action, std::chrono::nanoseconds timeout);

    /// Sends any command line, as written, and gives the bare reply, whatever it is.
    ///
    /// For commands of modules that have no class here. Never throws an AGIException: a line that
    /// cannot be sent, a hangup, a lost connection are told by Reply::status().
    /// Cancellation: as for execute().
    [[nodiscard]] asio::awaitable<Reply> send(std::string_view command_line);

    /// The environment as a map, copied at each call; environment() costs nothing.
    std::map<std::string, std::string> get_environment() const;

    /// What Asterisk said about the call at its start, without a copy.
    const Environment& environment() const noexcept;

    /// True once the caller is known to be gone, or the connection to Asterisk.
    ///
    /// It is known at once, also while no command runs, since there is always a read outstanding.
    /// With AGISIGHUP=no Asterisk reports nothing: then it is known from the next reply that
    /// proves it, or from a check (FastAGIServerOptions::channel_check_interval).
    bool hung_up() const noexcept;

    /// Completes when hung_up() becomes true; at once when it is. Any number may wait.
    ///
    /// Cancellation: all types; throws asio::error::operation_aborted.
    [[nodiscard]] asio::awaitable<void> wait_for_hangup();

    /// Waits for a while, also after a hangup; 10 ms late at most, and never early.
    ///
    /// Costs no timer of its own, and in a test no time (docs/testing.md).
    /// Throws: AGITimeout when the session's time is over meanwhile.
    /// Cancellation: all types; throws asio::error::operation_aborted.
    [[nodiscard]] asio::awaitable<void> sleep_for(std::chrono::nanoseconds time);

    /// Runs other work that is to stop when the caller is gone.
    ///
    /// The result is the work's. On a hangup the work is cancelled (terminal) and, once it has
    /// ended, this throws the AGIHangup that execute() would throw; work that ends in spite of it
    /// gives its result. On a call that is over already the work is not started.
    /// Lifetime: the work runs as a coroutine of its own, on the present coroutine's executor.
    /// For work on a thread pool see run_on().
    /// Cancellation: all types, passed on to the work.
    template <class T>
    [[nodiscard]] asio::awaitable<T> unless_hung_up(asio::awaitable<T> work);

    /// Plays a prompt while other work is done, and cuts it short when the work has ended.
    ///
    /// The result has the work's value, and the prompt's own result when it had ended by itself
    /// before: played out, or by a key. The work goes on after such an end. An exception of either
    /// cancels the other one and is thrown; so a hangup cancels the work.
    /// Cancellation: all types, passed on to both.
    template <Action A, class T>
    [[nodiscard]] asio::awaitable<During<T, ResultOf<A>>>
    execute_during(const A& prompt, asio::awaitable<T> work);

    /// From now on commands may be executed after a hangup too: for cleaning up.
    ///
    /// After the hangup, those that Asterisk runs on a dead channel (docs/guide.md) are sent; any
    /// other throws AGIDeadChannelError, and Exec returns -1 as a value. May be called at any time,
    /// and need not be in a session that began on a dead channel. With
    /// AGIEXITONHANGUP=yes Asterisk closes the connection at the hangup, so nothing can be sent.
    void allow_after_hangup() noexcept;

    /// The executor that the session runs on.
    asio::any_io_executor get_executor() const;

private:
    detail::Session& session_;
};

template <Action A>
asio::awaitable<ResultOf<A>> AGI::execute(const A& action) {
    return execute(action, Deadline::max());
}

template <Action A>
asio::awaitable<ResultOf<A>> AGI::execute(const A& action, std::chrono::nanoseconds timeout) {
    return execute(action, detail::deadline_after(session_, timeout));
}

template <Action A>
asio::awaitable<ResultOf<A>> AGI::execute(const A& action, Deadline deadline) {
    return detail::initiate<detail::ParseResult<A>>(
        session_, detail::encode(session_, action), detail::traits_of<A>(), deadline
    );
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
    // Encoded here and now; the rest runs when it is awaited.
    return detail::play_during<detail::ParseResult<A>>(
        session_, detail::encode(session_, prompt), detail::traits_of<A>(), std::move(work)
    );
}

}  // namespace costrix::agi
