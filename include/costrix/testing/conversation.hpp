// SPDX-License-Identifier: MIT
// A test's script of a call: the commands expected of a handler, and Asterisk's replies.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/testing/call_flow.hpp>
#include <costrix/testing/heard_audio.hpp>
#include <costrix/testing/mismatch.hpp>
#include <costrix/testing/scenario.hpp>
#include <costrix/testing/waveform.hpp>

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
    /// True if a hangup's exception ended the handler, or the handler ended after a hangup.
    bool hung_up = false;
    /// How long the call took, on its own clock.
    std::chrono::nanoseconds took{};
    /// What the caller heard of the handler's own sound.
    HeardAudio heard = {};
};

/// The script of one call, step by step.
///
///     Conversation call("support/sales?pin=1234");
///     call.expect("ANSWER").reply("200 result=0");
///     call.expect("GET DATA agent-pass 5000 4").caller_waits(4s).reply("200 result=1234");
///     call.expect<agi::Exec>().caller_waits(60s).reply("200 result=-1").caller_hangs_up();
///     call.run({"support/(?<queue>\\w+)", support});
///
/// It runs in process, without sockets, on a virtual clock: deadlines, AGI::sleep_for() and
/// caller_waits() take no real time and keep their order. The handler's own timers and threads run
/// in real time; the run waits for them when nothing is due on the virtual clock.
///
/// The handler must complete all steps, in order. Between two commands it may take any time. After
/// a reply of -1 or 511, and in the h extension, the library asks whether the channel is alive; the
/// conversation answers that itself. A 511 means a dead channel.
///
/// You can run a conversation any number of times. Thread safety: none.
class Conversation {
public:
    /// The words of a command, as Asterisk splits it.
    using Words = std::vector<std::string>;

    /// A call to agi://127.0.0.1/PATH; the path may have a query string.
    explicit Conversation(std::string_view path = "");
    /// A call as a Scenario describes it: caller, channel, arguments, variables AGISIGHUP and
    /// AGIEXITONHANGUP. The rest of the Scenario is ignored.
    explicit Conversation(const Scenario& scenario);
    ~Conversation();
    /// Moves the conversation; the source can only be destroyed.
    Conversation(Conversation&&) noexcept;
    /// Moves the conversation; the source can only be destroyed.
    Conversation& operator=(Conversation&&) noexcept;

    // --- the script's side ---

    /// Expects this command next. Compared word by word, so quotes do not matter.
    Conversation&
    expect(std::string_view command, SourceLine where = std::source_location::current());
    /// Expects an equal action next.
    template <agi::Action A>
    Conversation& expect(const A& action, SourceLine where = std::source_location::current()) {
        return expect(agi::to_string(action), std::move(where));
    }
    /// Expects an action of this type next, with any arguments.
    template <agi::Action A>
    Conversation& expect(SourceLine where = std::source_location::current()) {
        return expect_begin(A::command, std::move(where));
    }
    /// Expects a command for which `matches` returns true; `what` describes it in a Mismatch.
    Conversation& expect_that(
        std::string what,
        std::function<bool(const Words&)> matches,
        SourceLine where = std::source_location::current()
    );
    /// Expects the handler to stop the running prompt: by a deadline, a cancellation, or an
    /// exception of work that runs at the same time.
    Conversation& expect_interruption(SourceLine where = std::source_location::current());

    /// Expects agi::talk(): EXEC AudioSocket. Asterisk connects its audio.
    ///
    /// Then the caller says things, presses keys, waits; the talk lasts until expect_end_of_talk(),
    /// or reply(), by which Asterisk ends it.
    Conversation& expect_talk(SourceLine where = std::source_location::current());
    /// Expects the handler to end the talk; Asterisk answers EXEC with 0.
    Conversation& expect_end_of_talk(SourceLine where = std::source_location::current());
    /// Expects agi::open_audio(): EXEC Originate. Asterisk connects its audio and answers.
    ///
    /// The audio lasts until the handler ends it, or the caller hangs up. A whisper is heard at
    /// once.
    Conversation& expect_open_audio(SourceLine where = std::source_location::current());

    // --- Asterisk's side and the caller's ---

    /// Asterisk answers the command. `lines` may be several lines; the last LF is added.
    ///
    /// A command without a reply never ends.
    Conversation& reply(std::string_view lines, SourceLine where = std::source_location::current());
    /// Lets time pass, during which the handler must send nothing.
    Conversation&
    caller_waits(std::chrono::nanoseconds time, SourceLine where = std::source_location::current());
    /// The caller begins to say this, to a talk or to open audio.
    Conversation& caller_says(Waveform sound, SourceLine where = std::source_location::current());
    /// The caller presses keys that end the command, and Asterisk answers as it does then.
    ///
    /// During a talk they are passed to it, whatever they are, and end nothing. Otherwise:
    /// GET DATA takes several: it has ended by `#`, by the maximum, or else by its time. All others
    /// take one: WAIT FOR DIGIT any, a prompt or RECORD FILE one of its escape digits. A Mismatch
    /// if the command does not end by this key.
    /// Throws: std::invalid_argument for what is no key.
    Conversation&
    caller_presses(std::string_view keys, SourceLine where = std::source_location::current());
    /// The same for one key.
    Conversation& caller_presses(char key, SourceLine where = std::source_location::current()) {
        return caller_presses(std::string_view(&key, 1), std::move(where));
    }
    /// The caller presses nothing until the command ends by itself: WAIT FOR DIGIT and GET DATA
    /// by their time, a prompt or a recording now; let time pass before by caller_waits().
    Conversation& caller_is_silent(SourceLine where = std::source_location::current());
    /// The caller hangs up; Asterisk sends HANGUP.
    ///
    /// While a command runs, Asterisk answers it first: reply("200 result=-1"). The two arrive
    /// together.
    Conversation& caller_hangs_up(SourceLine where = std::source_location::current());
    /// Asterisk closes the connection, or its host dies.
    Conversation& asterisk_closes(SourceLine where = std::source_location::current());

    // --- the run ---

    /// Limits the real time of a run; the default is 5 s.
    Conversation& patience(std::chrono::milliseconds time);

    /// Runs a handler against the conversation, from beginning to end.
    ///
    /// A Mismatch points to `where` if there are no steps.
    /// Throws: Mismatch; any exception of the handler except a hangup's; std::invalid_argument if
    /// the flow has no handler for the path.
    CallEnd run(const CallFlow& flow, SourceLine where = std::source_location::current()) const;

    /// Takes a whole script; used by conversation_of().
    explicit Conversation(std::unique_ptr<detail::ConversationScript> script);

private:
    Conversation& expect_begin(std::string_view command, SourceLine where);

    std::unique_ptr<detail::ConversationScript> script_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
