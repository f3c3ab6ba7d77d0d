// SPDX-License-Identifier: MIT
// A test's script of a call: the commands expected of a handler, and Asterisk's replies.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/testing/call_flow.hpp>
#include <costrix/testing/mismatch.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

namespace detail {
struct ConversationScript;
}

/// How a call ended in a test.
struct CallEnd {
    /// The handler ended by a hangup's exception, or after a hangup.
    bool hung_up = false;
    /// How long the call took, by its own clock.
    std::chrono::nanoseconds took{};
};

/// The script of one call, step by step.
///
///     Conversation call("support/sales?pin=1234");
///     call.expect("ANSWER").reply("200 result=0");
///     call.expect("GET DATA agent-pass 5000 4").caller_waits(4s).reply("200 result=1234");
///     call.expect<agi::Exec>().caller_waits(60s).reply("200 result=-1").caller_hangs_up();
///     call.run({"support/(?<queue>\\w+)", support});
///
/// It runs in process, without sockets, on a virtual clock: deadlines, AGI::sleep_for() and the
/// waits in here take no real time, and keep their order. Timers and threads of the handler's own
/// run in real time, and are waited for when nothing else is due.
///
/// The handler must go through all steps, in order. Between two commands it may take any time. The
/// library's own queries are answered automatically: after a reply of -1 or 511, and in the h
/// extension, it asks whether the channel is alive. A 511 means a dead channel.
///
/// A conversation can be run any number of times. Thread safety: none.
class Conversation {
public:
    /// The words of a command, as Asterisk cuts it up.
    using Words = std::vector<std::string>;

    /// A call to agi://127.0.0.1/PATH; the path may have a query string.
    explicit Conversation(std::string_view path = "");
    /// A call as a Scenario describes it: caller, channel, arguments, variables AGISIGHUP and
    /// AGIEXITONHANGUP. The rest of a Scenario is FakeAsterisk's.
    explicit Conversation(const Scenario& scenario);
    ~Conversation();
    Conversation(Conversation&&) noexcept;
    Conversation& operator=(Conversation&&) noexcept;

    // --- the script's side ---

    /// The handler sends this command next. Compared word by word: quotes do not matter.
    Conversation&
    expect(std::string_view command, SourceLine where = std::source_location::current());
    /// The handler executes an equal action next.
    template <agi::Action A>
    Conversation& expect(const A& action, SourceLine where = std::source_location::current()) {
        return expect(agi::to_string(action), std::move(where));
    }
    /// The handler executes an action of this kind next, whatever its arguments.
    template <agi::Action A>
    Conversation& expect(SourceLine where = std::source_location::current()) {
        return expect_begin(A::command, std::move(where));
    }
    /// The handler sends a command next that `matches`; `what` says in words which do.
    Conversation& expect_that(
        std::string what,
        std::function<bool(const Words&)> matches,
        SourceLine where = std::source_location::current()
    );
    /// The handler next stops the running prompt: by a deadline, a cancellation, or a failure of
    /// the work that it does meanwhile.
    Conversation& expect_interruption(SourceLine where = std::source_location::current());

    // --- Asterisk's side and the caller's ---

    /// Asterisk answers the command; several lines are possible, the last LF is added.
    ///
    /// A command without a reply never ends.
    Conversation& reply(std::string_view lines, SourceLine where = std::source_location::current());
    /// Time passes; the handler must send nothing meanwhile.
    Conversation&
    caller_waits(std::chrono::nanoseconds time, SourceLine where = std::source_location::current());
    /// The caller hangs up; Asterisk sends HANGUP.
    ///
    /// While a command runs, Asterisk answers it first: reply("200 result=-1"). The two arrive
    /// together.
    Conversation& caller_hangs_up(SourceLine where = std::source_location::current());
    /// Asterisk closes the connection, or its host dies.
    Conversation& asterisk_closes(SourceLine where = std::source_location::current());

    // --- playing it ---

    /// Limits the real time of a run; the default is 5 s.
    Conversation& patience(std::chrono::milliseconds time);

    /// Runs a handler against the conversation, from beginning to end.
    ///
    /// `where` is where a Mismatch points when there are no steps.
    /// Throws: Mismatch; any exception of the handler except a hangup's; std::invalid_argument when
    /// the flow has no handler for the path.
    CallEnd run(const CallFlow& flow, SourceLine where = std::source_location::current()) const;

    /// For conversation_of(): all of it, as it stands.
    explicit Conversation(std::unique_ptr<detail::ConversationScript> script);

private:
    Conversation& expect_begin(std::string_view command, SourceLine where);

    std::unique_ptr<detail::ConversationScript> script_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
