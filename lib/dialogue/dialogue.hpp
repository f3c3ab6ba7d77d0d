// SPDX-License-Identifier: MIT
// The conversation with Asterisk as a state machine: no I/O, no clock, no Asio.
#pragma once

#include "dialogue/channel_state.hpp"
#include "dialogue/fault.hpp"
#include "dialogue/fence.hpp"
#include "dialogue/operation_queue.hpp"
#include "dialogue/session_limits.hpp"

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/reply_reader.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Which commands a cancellation stops, and when it is reported.
enum class Stop : std::uint8_t {
    at_once,       ///< Any command, reported at once.
    when_stopped,  ///< Any command; a prompt is reported when Asterisk has stopped it.
    prompt_only,   ///< The same, but nothing happens to a command that is no prompt.
};

/// Who learns of commands. The dialogue reports them either way; whom it reports to tells these
/// apart.
enum class Observed : std::uint8_t {
    by_nobody,
    by_events,  ///< CallObserver's functions.
    by_meter,   ///< A MeteredCall, on the system's clock.
};

/// Keeps both sides in step: which line answers which command, and what may be sent when.
///
///     opening ─▶ idle ──submit──▶ running ──reply──▶ settled ──end of the chunk──▶ idle
///                                   │ ▲                ▲
///                           cancel  │ │ -1, 511        │ echo of the fence, answer
///                                   ▼ ▼                │
///                     stopping │ checking_status │ checking_hangup
///
/// One command is with Asterisk at a time. A prompt is cancelled by a *fence*, a command whose echo
/// proves that the prompt has stopped; the reply to any other cancelled command is dropped when it
/// comes. A chunk of input is read to its end before anybody is resumed, so a HANGUP that came
/// along with a reply is known first, and what follows a reply cannot answer the next command.
class Dialogue {
public:
    enum class State : std::uint8_t {
        opening,          ///< The environment is being read.
        idle,             ///< Asterisk has no command of ours.
        running,          ///< A command's reply is awaited, if only to be dropped.
        stopping,         ///< A fence follows the prompt; its echo is awaited.
        checking_status,  ///< kStatusCheck is out, to tell what a -1 meant.
        checking_hangup,  ///< kHangupCheck is out: for a 511, for the h extension, or unprompted.
        settled,          ///< The command has its outcome, reported at the end of the chunk.
        ended,            ///< Nothing is read or sent any more.
    };

    /// Carries out what the dialogue decides. Only opened(), complete() and on_fault() may throw
    /// or call the dialogue back.
    class Effects {
    public:
        /// Sends a whole line, LF included; false if the connection is lost.
        virtual bool write(std::string_view line) noexcept = 0;
        /// The environment is complete, and so is the chunk that it came in.
        virtual void opened() = 0;
        /// Resumes the awaiter of a command that ended with a reply. The last effect of a chunk.
        virtual void complete(Operation& operation, End end, const Reply& reply) = 0;
        /// Resumes the awaiter later: the dialogue may be in a call of the awaiter's own.
        virtual void fail(Operation& operation, End end, const Reply& reply) noexcept = 0;
        /// The call is over. `before`: it was over when the session began.
        virtual void on_hangup(bool before) noexcept = 0;
        /// The peer broke the protocol; the dialogue has ended.
        virtual void on_fault(Fault fault, std::string_view why) = 0;
        /// A line was sent or read; called only if observe_lines() asks for it.
        virtual void on_line(bool sent, std::string_view line) noexcept = 0;
        /// A command is sent next. This and what follows: unless Observed::by_nobody.
        virtual void on_sending(const Operation&) noexcept = 0;
        /// Asterisk has finished that command, or was lost; its awaiter has not resumed.
        /// End::cancelled if it was stopped without a reply, End::disconnected if the connection
        /// was lost; for anything else, `reply` is its own.
        virtual void on_finished(End end, const Reply& reply) noexcept = 0;
        /// Its awaiter gave it up: End::cancelled or End::timed_out.
        virtual void on_abandoned(End) noexcept {}
        /// Calls pass() at this time, at the latest.
        virtual void wake_at(Deadline time) noexcept = 0;

    protected:
        ~Effects() = default;
    };

    /// Both outlive the dialogue.
    Dialogue(Effects& effects, const SessionLimits& limits);

    /// Lends the memory of a buffer for replies, to be taken back when the dialogue has ended.
    void lend(std::string&& buffer) noexcept { reply_ = Reply(0, std::move(buffer)); }
    std::string take_buffer() noexcept;

    void observe_lines(bool on) noexcept { lines_observed_ = on; }
    void observe_commands(Observed how) noexcept { commands_observed_ = how; }
    Observed commands_observed() const noexcept { return commands_observed_; }

    const SessionLimits& limits() const noexcept { return limits_; }
    State state() const noexcept { return state_; }
    bool hung_up() const noexcept { return channel_.hung_up(); }
    End hangup() const noexcept { return channel_.hangup(); }
    const Environment& environment() const noexcept { return environment_; }
    /// Bytes of the environment so far; State::opening only.
    std::size_t opening_size() const noexcept;
    /// Commands answered so far.
    std::uint64_t commands() const noexcept { return commands_; }
    /// Of the handler's last command that was sent.
    const CommandTraits& last_traits() const noexcept { return traits_; }

    /// Takes what Asterisk sent.
    void receive(std::string_view bytes);
    /// Sends a command or queues it; false if it was refused. The operation lives until its end.
    bool submit(Operation& operation);
    /// Cancels a command; false if it is not here.
    bool cancel(std::uint64_t id, Stop stop, Deadline now);
    /// The process received SIGHUP, which is classic AGI's HANGUP line.
    void sighup();
    void allow_after_hangup() noexcept { channel_.allow_after_hangup(); }
    /// Asks Asterisk whether the channel is alive, unless that is known. False if there is no need
    /// to ask again.
    bool check_channel();

    /// Fails what is due at `now`.
    void pass(Deadline now);
    /// When pass() has something to do next.
    Deadline next_deadline() const noexcept;

    /// Fails every pending command.
    void fail_all(End end);
    /// Ends the dialogue: input or output is lost, or nobody needs it any more.
    void end(End how);
    /// Destroys every coroutine that awaits a command.
    void drop_all() noexcept;

private:
    /// What is known of the outcome of the command with Asterisk.
    enum class Answer : std::uint8_t {
        none,     ///< Its own reply has not come; after a fence's echo: it was stopped.
        own,      ///< *outcome_ is its own reply.
        refused,  ///< *outcome_ is a 511, and it is not known whether because of a hangup.
        checked,  ///< *outcome_ is its own reply, and the channel's state is known.
    };
    bool read_environment(std::string_view& input);
    void read_lines(std::string_view input);
    void take_reply();
    void take_own_reply();
    void take_fence_reply();
    void take_hangup_check();
    void take_junk();
    void learn(int code, bool works);
    void note_hangup(End how);
    void settle();
    void keep_outcome() noexcept;
    bool send_or_fail(Operation& operation);
    void send_next();
    void send_own(State state, std::string_view line);
    void send_fence(Deadline now);
    void write(std::string_view line);
    void abandon(End end, bool at_once, Deadline now);
    void fail_current(End end, const Reply& reply = {});
    void break_off(Fault fault, std::string_view why);
    ReplyReader& replies() noexcept { return *std::get_if<ReplyReader>(&reader_); }

    // What each command touches comes first: fewer cache lines for a thousand sessions.
    Effects& effects_;
    const SessionLimits& limits_;
    std::variant<EnvironmentReader, ReplyReader> reader_;  // one after the other
    const Reply* outcome_ = &reply_;  // of the command with Asterisk; here, or in the reader
    Operation* current_ = nullptr;    // that command; null once it is abandoned
    OperationQueue queue_;
    ChannelState channel_;
    CommandTraits traits_;  // of the command with Asterisk, abandoned or not
    State state_ = State::opening;
    Answer answer_ = Answer::none;
    bool after_value_ = false;  // the last reply was a value, whose lines may trail behind it
    bool check_due_ = false;    // kHangupCheck goes out before the next command
    bool lines_observed_ = false;
    Observed commands_observed_ = Observed::by_nobody;
    std::uint32_t junk_lines_ = 0;
    std::uint64_t commands_ = 0;
    Reply reply_;  // a reply that is kept while other lines are read
    Environment environment_;
    Fence fence_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
