// SPDX-License-Identifier: MIT
// Observer: what happens in calls, as it happens, for metrics, traces and a live page.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/call_outcome.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

class Environment;
class Reply;
struct AudioEvent;
struct AudioLineCounters;
struct Request;
struct Uuid;

namespace detail {
struct CommandHistograms;
class MeteredCall;
}

/// A call that has got a handler, when it begins.
///
/// Lifetime: `environment`, `request` and `route` do not change, and live until the call's
/// CallObserver is destroyed. Any thread may read them until then.
struct ObservedCall {
    const Environment& environment;  ///< unique_id(), channel(), caller_id(), …
    const Request& request;          ///< Path, query and peer; the query may carry a trace id.
    /// The pattern of the handler, as registered: a label of few values, unlike the path. Empty for
    /// the default handler, for Options::busy, and in a script.
    std::string_view route;
    bool busy;  ///< It has got Options::busy, because the server is full.
    std::chrono::steady_clock::time_point accepted;  ///< When it connected.
};

/// A command on its way to Asterisk.
struct SentCommand {
    /// Its name as in kCommandTable, such as "GET DATA"; "other" for a command that is not there.
    /// Lives as long as the program.
    std::string_view name;
    /// The whole line without its LF, valid during the call. It may hold what a caller has entered.
    std::string_view line;
    /// Our turn-around: how long Asterisk had nothing to do for this call, because the handler
    /// computed, or waited for something else. Since the reply to the command before, or since the
    /// environment for the first one.
    std::chrono::nanoseconds turn_around;
    /// Now, by the clock of the call: an observer need not ask for it again.
    std::chrono::steady_clock::time_point time = {};
    /// Its position in kCommandTable, from 1 on; 0 for "other".
    std::uint8_t number = 0;
};

/// A command that Asterisk has finished. Follows the SentCommand, before the next one.
struct FinishedCommand {
    /// The ways in which a command ends.
    enum class How : std::uint8_t {
        replied,  ///< `reply` is the reply to it, whatever it says.
        stopped,  ///< A cancelled prompt, which Asterisk has stopped without a reply.
        lost,     ///< The connection was closed first.
    };

    std::string_view name;          ///< As in SentCommand.
    How how;                        ///< What became of it.
    const Reply& reply;             ///< Valid during the call; its code is 0 if there is none.
    std::chrono::nanoseconds took;  ///< Since it was sent: Asterisk's time, and the caller's.
    std::chrono::steady_clock::time_point time = {};  ///< As in SentCommand.
    std::uint8_t number = 0;                          ///< As in SentCommand.
};

/// How a call ended.
struct EndedCall {
    /// Counted alike in ServerCounters. Never `no_route` or `fault`, and `refused` only if
    /// Options::admission is a coroutine: other calls are refused before they are observed.
    CallOutcome how;
    std::uint64_t commands;         ///< Answered.
    std::chrono::nanoseconds took;  ///< Since it was accepted.
};

/// Something that went wrong in a call.
struct CallError {
    /// The places where an error can occur.
    enum class Kind : std::uint8_t {
        handler,          ///< `error` left the handler, which has ended.
        stray_exception,  ///< `error` left a coroutine that the handler had started.
        peer,             ///< Asterisk vanished, or did not keep to the protocol.
        internal,         ///< The server's own fault, such as too little memory.
        time_limit,       ///< Options::session_timeout or after_hangup_timeout has passed.
    };

    Kind kind;                 ///< Where it occurred.
    std::string_view what;     ///< In words and printable characters; valid during the call.
    std::exception_ptr error;  ///< Null unless an exception is the cause.
};

/// A connection that was closed before it got a handler.
struct Refusal {
    /// The reasons for which a call is refused.
    enum class Reason : std::uint8_t {
        address,       ///< Not in Options::allow.
        per_peer,      ///< Over Options::max_sessions_per_peer.
        path,          ///< The path is over Options::max_path.
        no_route,      ///< No handler is registered for the path.
        admission,     ///< Options::admission returned false, or threw.
        health_probe,  ///< Connected and closed without sending a byte.
        environment,   ///< Cut, late, too long, forged, or no environment at all.
        internal,      ///< The server's own fault, such as too little memory.
    };

    Reason reason;           ///< Why the call was refused.
    std::string_view what;   ///< In words and printable characters.
    const Request* request;  ///< Its peer, if that is known; more once the path has been read. Null
                             ///< for `address` and `per_peer`.
    const Environment* environment;  ///< Null until it has been read.
};

/// For labels and logs: the enumerator's name.
std::string_view to_string(FinishedCommand::How how) noexcept;
std::string_view to_string(CallError::Kind kind) noexcept;
std::string_view to_string(Refusal::Reason reason) noexcept;

/// Learns what happens in one call; Observer::on_call() makes one for each call.
///
///     on_call ──▶ (on_command ──▶ on_finished)* ──▶ on_end
///
/// All functions are called on the call's executor, one at a time, while whoever reports waits: be
/// quick, never block, and do not use the call's AGI. Whatever other threads read of this object,
/// such as a page that lists calls, needs a lock or atomics of yours.
///
/// An exception is caught, counted (ServerCounters::observer_errors) and logged; the call goes on.
/// Lifetime: destroyed right after on_end(). If its io_context is destroyed first, or there is no
/// memory, it is destroyed without that.
class CallObserver {
public:
    CallObserver() = default;
    CallObserver(const CallObserver&) = delete;
    CallObserver& operator=(const CallObserver&) = delete;
    virtual ~CallObserver() = default;

    /// A command of the handler's is sent next. What the session sends for itself, to find out
    /// whether the channel lives or to stop a prompt, is not reported.
    virtual void on_command(const SentCommand&) {}
    /// Asterisk has finished that command, whether anybody still awaits it or not. Called before
    /// the handler resumes.
    virtual void on_finished(const FinishedCommand&) {}
    /// Whoever awaited that command no longer does: cancelled, or timed out (`late`). A prompt is
    /// being stopped; any other command goes on in Asterisk.
    virtual void on_interruption(bool /*late*/) {}
    /// The call is over: the caller hung up, or Asterisk closed the connection. The handler may go
    /// on. `before`: it was over when the session began.
    virtual void on_hangup(bool /*before*/) {}
    /// Asterisk closed the connection, or it broke. Once at most, after on_hangup().
    virtual void on_disconnect() {}
    /// talk() has got its audio line, or open_audio() its stream; not EAGI's descriptor 3.
    virtual void on_audio_open() {}
    /// That has ended; `counters`: late and lost audio.
    virtual void on_audio_closed(const AudioLineCounters& /*counters*/) {}
    /// Something went wrong; the call may go on.
    virtual void on_error(const CallError&) {}
    /// The call has ended. The last event.
    virtual void on_end(const EndedCall&) {}

    /// True to get on_line(); always the same.
    virtual bool wants_lines() const noexcept { return false; }
    /// The wire after the environment, line by line without LF, the session's own commands
    /// included; a reply of several lines is one.
    virtual void on_line(bool /*sent*/, std::string_view /*line*/) {}
    /// True to get on_audio(); always the same.
    virtual bool wants_audio() const noexcept { return false; }
    /// What passes on the audio lines, between on_audio_open() and on_audio_closed(): what the
    /// caller says, about 50 times a second, and what we say.
    virtual void on_audio(const AudioEvent&) {}

private:
    friend class detail::MeteredCall;

    // Of the last SentCommand or FinishedCommand.
    std::atomic<std::chrono::steady_clock::time_point> since_{};
    detail::CommandHistograms* meter_ = nullptr;  // not null: this is a MeteredCall
};

/// Learns what happens in a server: Options::observer of a FastAGIServer or an AudioServer.
///
/// Functions are called on the threads of all event loops, several at once. As for CallObserver, be
/// quick; exceptions are caught, counted and logged.
///
/// A page that lists calls keeps them itself: on_call() puts an object derived from CallObserver in
/// a list, whose destructor takes it out again, both under a lock of the list. Each event stores in
/// the object, as atomics or under a lock, what the call waits for now and since when: on_command,
/// for Asterisk; on_finished, for us; on_hangup. To write the page, take the list's lock and read.
///
/// Lifetime: shared by the server and its calls, which may outlive it.
class Observer {
public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    /// A call has got a handler, which begins next, or after Options::admission if that is a
    /// coroutine. Null: nobody observes this call.
    virtual std::unique_ptr<CallObserver> on_call(const ObservedCall&) { return nullptr; }
    /// A connection was closed before it got a handler.
    virtual void on_refusal(const Refusal&) {}
    /// One of the event loops is full (Options::max_sessions), and refuses calls from now on;
    /// `full` is false when it accepts them again.
    virtual void on_overload(bool /*full*/) {}
    /// shutdown(): one of the event loops stops accepting calls, and waits for these to end.
    virtual void on_drain(std::size_t /*sessions*/) {}
    /// An AudioServer has a line with this UUID, whose handler begins next. Such a line belongs to
    /// no call; those of a call are events of its CallObserver.
    virtual void on_audio_open(const Uuid&) {}
    /// Its handler has ended; `counters`: late and lost audio.
    virtual void on_audio_closed(const Uuid&, const AudioLineCounters& /*counters*/) {}
};

/// One observer that passes everything to several, in this order; null ones are left out.
///
/// What one of them throws does not keep an event from the others, but if an on_call() throws, none
/// of them observes that call. Null if there are none.
std::shared_ptr<Observer> observe_all(std::vector<std::shared_ptr<Observer>> observers);

}  // namespace costrix::inline COSTRIX_ABI::agi
