// SPDX-License-Identifier: MIT
// One AGI conversation over a transport: environment, commands in turn, hangup, cancellation.
#pragma once

#include "session/fault.hpp"
#include "session/session_registry.hpp"
#include "session/timer_wheel.hpp"
#include "transport/transport.hpp"

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/reply_reader.hpp>

#include <asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace costrix::agi::detail {

/// Bounds on what a peer may send, and on how long a session may take.
struct SessionLimits {
    EnvironmentLimits environment = {};
    std::size_t reply_bytes = 65536;       ///< One reply, all its lines.
    std::size_t reply_line_bytes = 65536;  ///< One line of it.
    std::size_t junk_lines = 100;          ///< Lines that are no reply, in the whole session.
    std::size_t backlog_bytes = 65536;     ///< What the peer has not taken yet.
    std::optional<std::chrono::milliseconds> environment_time =
        {};                                                      ///< Until the block is complete.
    std::optional<std::chrono::milliseconds> session_time = {};  ///< The whole session.
    std::optional<std::chrono::milliseconds> after_hangup_time =
        {};  ///< From the hangup to the end.
    std::optional<std::chrono::milliseconds> channel_check_interval =
        {};  ///< How often to ask whether the channel still lives.
};

/// Who runs a session: a Call, BlockingAGI, a test.
class SessionOwner {
public:
    /// Shares ownership of the owner, and so of the session and its transport in it. Called once,
    /// by Session::start().
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// The environment is complete: the handler may begin.
    virtual void on_environment() = 0;
    /// The wire, line by line, without its LF; called only after observe_lines(true).
    virtual void on_line(bool sent, std::string_view line) = 0;
    /// Something is wrong with the peer, or a time limit has passed. Before on_environment() this
    /// comes instead of it. Afterwards the session sends no more commands, and the handler has its
    /// time to clean up.
    virtual void on_fault(Fault fault, std::string_view why) = 0;
    /// A time limit of the session has passed, as on_fault() has reported: cancel what the handler
    /// awaits. Repeated every second until close(), since a handler may await something that
    /// cannot be cancelled.
    virtual void on_overtime() = 0;
    /// An exception left a coroutine or completion handler of the user's that the session resumed.
    virtual void on_stray_exception(std::exception_ptr error) noexcept = 0;
    /// The connection ended after the environment; the session goes on without it. At most once.
    virtual void on_disconnect() {}

protected:
    ~SessionOwner() = default;
};

/// The session behind an AGI.
///
///     execute ──▶ queue ──▶ in flight ──▶ settled ──▶ awaiter resumed
///                              │  ▲
///                    cancelled │  │ (owed reply, or the fence's echo, swallowed)
///                              ▼  │
///                           abandoned
///
/// Bytes are taken chunk by chunk: a chunk is read to its end first, and only then is anybody
/// resumed. So a HANGUP that came along with a reply is known before the handler goes on, and what
/// a chunk holds behind a reply cannot be the reply to the next command.
class Session final : public TransportListener, public RegisteredSession, private Timer {
public:
    Session(Transport& transport, SessionOwner& owner, const SessionLimits& limits);
    Session(Transport&, SessionOwner&, SessionLimits&&) = delete;  // all three outlive the session
    ~Session();

    /// Begins to read; SessionOwner::keep_alive() keeps this alive meanwhile.
    void start();
    /// Turns SessionOwner::on_line on or off.
    void observe_lines(bool on) noexcept { observed_ = on; }
    /// Ends the conversation: closes the transport and fails what is pending with `how`.
    void close(End how = End::disconnected);

    const Environment& environment() const noexcept { return environment_; }
    bool closed() const noexcept { return closed_; }
    /// True when a coroutine has tried again and again, without waiting for anything, what cannot
    /// succeed. What it tries next is never completed: that destroys the coroutine.
    bool stuck() const noexcept { return attempts_ > kMaxAttempts; }
    bool hung_up() const noexcept { return hangup_ != End::replied; }
    /// Commands answered so far.
    std::uint64_t commands() const noexcept { return commands_; }
    const asio::any_io_executor& get_executor() const noexcept { return transport_.get_executor(); }

    CommandLine new_line();
    void give_back(std::string&& line) noexcept;
    std::uint64_t next_id() noexcept { return ++last_id_; }
    void submit(Operation& operation);
    void watch(Operation& operation);
    void sleep(Operation& operation);
    void refuse_wait(Operation& operation);
    /// The time that its deadlines are measured by.
    Deadline now() const noexcept { return wheel_.now(); }
    void allow_after_hangup() noexcept { dead_phase_ = true; }
    /// How the call ended; End::replied while it lives.
    End hangup() const noexcept { return hangup_; }
    void cancel(std::uint64_t id, asio::cancellation_type type);
    /// The process received SIGHUP, which is classic AGI's HANGUP line.
    void on_sighup();

    void on_read(std::error_code error, std::string_view bytes) override;
    void on_writable() override;

private:
    /// What the next reply will answer.
    enum class Awaiting : std::uint8_t {
        nothing,
        command,   ///< the command in flight, which may have been abandoned
        fence,     ///< the echo that proves a cancelled prompt has stopped
        probe,     ///< whether the channel lives, to tell what a -1 meant
        question,  ///< whether the channel is hung up, to tell what a 511 meant, or unprompted
    };

    /// What the session knows of the channel's life so far.
    enum class Life : std::uint8_t {
        unknown,  ///< It may have been dead when the session began.
        seen,     ///< It was alive at some time in this session.
        served,   ///< It has run a command that only a live channel runs.
    };

    using Operations =
        boost::intrusive::list<Operation, boost::intrusive::constant_time_size<false>>;

    bool read_environment(std::string_view& input);
    void open_call();
    void consume(std::string_view input);
    void take_reply();
    void take_fence_reply();
    void take_junk();
    void settle();
    void complete_current();
    bool needs_probe() const noexcept;
    void send_probe();
    void ask();
    void take_own_reply();
    void take_refusal();
    void take_answer();
    bool means_hangup() const noexcept;
    void check_channel(Deadline now);
    void send_fence();
    void send_fence_again(Deadline now);
    void transmit_fence();
    std::uint64_t fence_echo() noexcept;

    void send_next();
    void send_or_refuse(Operation& operation);
    void send(Operation& operation);
    void transmit(std::string_view line);
    void stop_sending();
    void observe(bool sent, std::string_view line);

    void note_hangup(End how);
    void note_dead_start();
    void wake_watchers();
    void wake(Operations& waiting);
    void wake_watchers_later();
    void wake_sleepers(Deadline now);
    void abandon(End end, bool at_once);
    void let_go() override;
    std::shared_ptr<void> keep_alive() noexcept override { return self_.lock(); }
    bool on_expired() noexcept override;
    void watch_clock(Deadline deadline);
    void watch_next();
    Deadline next_deadline() const noexcept;
    void check_deadlines();
    /// On the session's executor, not from within this call, and not when the session is gone.
    template <class Function>
    void run_later(Function function);
    void fail() noexcept;
    void expire(Fault fault, std::string_view what);
    void more_overtime(Deadline now);
    void end(End how);
    void resume(Completion completion, Outcome outcome);
    bool drop_stuck(Operation& operation);
    void note_progress() noexcept {
        if (!stuck())
            attempts_ = 0;
    }
    void fail_later(Operation& operation, End end, Reply reply = {});
    void fail_current(End end, Reply reply = {});
    void fail_each(Operations& operations, End end);
    void fail_all(End end);
    void drop_operations() noexcept;
    void protocol_error(Fault fault, std::string_view what);
    void environment_fault(Fault fault, std::string_view what);
    void note_fault(std::error_code error) noexcept;
    void input_ended(std::error_code error);
    void leave_registry();
    /// The reader of the environment, until that has come; of the replies from then on.
    EnvironmentReader* opening() noexcept { return std::get_if<EnvironmentReader>(&reader_); }
    ReplyReader& replies() noexcept { return *std::get_if<ReplyReader>(&reader_); }
    bool idle() const noexcept { return awaiting_ == Awaiting::nothing && !settled_; }

    static constexpr std::uint32_t kMaxAttempts = 1000;

    Transport& transport_;
    SessionOwner& owner_;
    SessionRegistry& registry_;
    TimerWheel& wheel_;
    std::weak_ptr<TransportListener> self_;
    const SessionLimits& limits_;

    std::variant<EnvironmentReader, ReplyReader> reader_;  // one after the other
    Environment environment_;
    Reply reply_;                   // to the command in flight, once it is settled
    Operation* current_ = nullptr;  // the command in flight; null once it is abandoned
    CommandTraits traits_;          // of the command in flight, abandoned or not
    Operations queue_;
    Operations watchers_;
    Operations sleepers_;  // in the order of their times
    std::string spare_line_;
    std::string backlog_;                   // what the transport has not taken yet
    Deadline armed_ = Deadline::max();      // when the wheel will call
    Deadline phase_end_ = Deadline::max();  // of the environment, or of the time after the hangup
    Deadline session_end_ = Deadline::max();
    Deadline next_fence_ = Deadline::max();  // when another one is sent
    Deadline next_check_ = Deadline::max();  // when the channel is to be checked
    std::uint64_t last_id_ = 0;
    std::uint64_t commands_ = 0;
    std::chrono::duration<std::int32_t, std::milli> fence_wait_ = {};  // how often they are sent
    std::uint32_t fences_ = 0;
    std::uint32_t attempts_ = 0;  // to execute or wait, since anything was sent, came or fell due
    std::uint32_t command_limit_ = CommandLine::kSmallBuffer;
    std::uint32_t junk_lines_ = 0;
    End hangup_ = End::replied;  // how the call ended; replied while it lives
    Awaiting awaiting_ = Awaiting::nothing;
    Life life_ = Life::unknown;
    Fault fault_ = Fault::none;
    bool settled_ = false;          // the command has its outcome, and nobody was told
    bool fenced_ = false;           // the command was cancelled with a fence behind it
    bool ended_by_itself_ = false;  // ... and had sent its own reply before the fence's echo
    bool probed_ = false;           // the channel's state is known for the command's -1
    bool refused_ = false;          // a 511 came, and it is not known whether for a hangup
    bool check_due_ = false;        // the channel is to be checked before the next command
    bool served_lately_ = false;    // the channel proved its life since it was last checked
    bool dead_phase_ = false;       // commands that a dead channel allows are sent after the hangup
    bool severed_ = false;          // the transport is at its end
    bool severance_told_ = false;   // the owner knows that the connection has ended
    bool broken_ = false;           // the peer broke the protocol: nothing more is read
    bool value_before_ = false;     // the last reply was a value: lines of it may follow
    bool registered_ = false;
    bool closed_ = false;
    bool observed_ = false;
};

template <class Function>
void Session::run_later(Function function) {
    asio::post(
        get_executor(),
        [this, self = self_.lock(), function = std::move(function)]() mutable noexcept {
            try {
                if (self)
                    function();
            } catch (...) {
                fail();
            }
        }
    );
}

}  // namespace costrix::agi::detail
