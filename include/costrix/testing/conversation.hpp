// SPDX-License-Identifier: MIT
// A script of what a handler is expected to say and what Asterisk answers, played in process.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
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

namespace costrix::testing {

namespace detail {
struct ConversationScript;
}

/// How a handler ended in a test.
struct CallEnd {
    /// It ended by a hangup's exception, or after a hangup.
    bool hung_up = false;
    /// How long the call took, by its own clock.
    std::chrono::nanoseconds took{};
};

/// One call, step by step, as a test wants it.
///
///     Conversation call("support/sales?pin=1234");
///     call.expect("ANSWER").reply("200 result=0");
///     call.expect("GET DATA agent-pass 5000 4").caller_waits(4s).reply("200 result=1234");
///     call.expect<agi::Exec>().caller_waits(60s).reply("200 result=-1").caller_hangs_up();
///     call.run({"support/(?<queue>\\w+)", support});
///
/// It is played in process, without sockets, on a clock of its own: deadlines, AGI::sleep_for() and
/// the waits in here pass at once, whatever their length, and in their order. Timers and threads of
/// the handler's own are waited for in real time, when nothing else is due.
///
/// Steps are taken in their order, and all of them. Between two commands the handler may take any
/// time. What the library sends of its own accord is answered by itself: the question whether the
/// channel lives, after a reply of -1 or 511 and in the h extension. A 511 means a dead channel.
///
/// It can be run any number of times. Thread safety: none.
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
    /// The handler stops the prompt that runs next: by a deadline, a cancellation or a failure of
    /// what it does meanwhile.
    Conversation& expect_interruption(SourceLine where = std::source_location::current());

    // --- Asterisk's side and the caller's ---

    /// Asterisk answers the command; several lines are possible, the last LF is added.
    ///
    /// A command that is not answered goes on for ever.
    Conversation& reply(std::string_view lines, SourceLine where = std::source_location::current());
    /// Time passes, and the handler sends nothing all the while.
    Conversation&
    caller_waits(std::chrono::nanoseconds time, SourceLine where = std::source_location::current());
    /// The caller hangs up; Asterisk says HANGUP.
    ///
    /// While a command runs, Asterisk answers it first: reply("200 result=-1"). The two arrive
    /// together.
    Conversation& caller_hangs_up(SourceLine where = std::source_location::current());
    /// Asterisk closes the connection, or its host is gone.
    Conversation& asterisk_closes(SourceLine where = std::source_location::current());

    // --- playing it ---

    /// How long a run may take in real time; 5 s without.
    Conversation& patience(std::chrono::milliseconds time);

    /// Plays it against a handler, from the beginning to the handler's end.
    ///
    /// `where` is where a Mismatch points when there are no steps.
    /// Throws: Mismatch; what leaves the handler, hangups aside; std::invalid_argument when the
    /// flow has no handler for the path.
    CallEnd run(const CallFlow& flow, SourceLine where = std::source_location::current()) const;

    /// For conversation_of(): all of it, as it stands.
    explicit Conversation(std::unique_ptr<detail::ConversationScript> script);

private:
    Conversation& expect_begin(std::string_view command, SourceLine where);

    std::unique_ptr<detail::ConversationScript> script_;
};

}  // namespace costrix::testing
