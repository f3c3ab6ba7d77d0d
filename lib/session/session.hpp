// SPDX-License-Identifier: MIT
// One AGI session: joins a dialogue to a transport, to time, and to the coroutines that wait.
#pragma once

#include "dialogue/dialogue.hpp"
#include "dialogue/operation_queue.hpp"
#include "session/session_owner.hpp"
#include "session/session_registry.hpp"
#include "session/timer_wheel.hpp"
#include "session/write_backlog.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/detail/outcome.hpp>
#include <costrix/agi/detail/session_interface.hpp>
#include <costrix/agi/detail/transport.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The session behind an AGI. Everything it decides about commands and replies, it asks Dialogue.
///
/// No coroutine is resumed from within a call that it made itself: what ends there is posted.
///
/// Visible outside of a shared library, for the test kit.
class __attribute__((visibility("default"))) Session final : public RegisteredSession,
                                                             private Timer,
                                                             public SessionInterface,
                                                             public TransportEvents,
                                                             private Dialogue::Effects {
public:
    /// All three outlive the session.
    Session(Transport& transport, SessionOwner& owner, const SessionLimits& limits);
    Session(Transport&, SessionOwner&, SessionLimits&&) = delete;
    ~Session();

    /// Begins to read.
    void start();
    /// Turns SessionOwner::on_line on; an observer that wants lines does so, too.
    void observe_lines() noexcept { dialogue_.observe_lines(true); }
    /// Tells `observer` from now on what happens here; null: nobody, or nobody any longer.
    void set_observer(std::unique_ptr<CallObserver> observer) noexcept;
    void drop_observer() noexcept {
        if (observer_)
            set_observer(nullptr);
    }
    /// Calls `function` with the observer, if there is one.
    template <class Function>
    void tell(Function function) noexcept;
    /// Closes the transport and fails what is pending with `how`.
    void close(End how = End::disconnected) noexcept;
    /// The process received SIGHUP, which is classic AGI's HANGUP line.
    void on_sighup();

    /// The session as its handler sees it.
    AGI& agi() noexcept { return agi_; }
    bool closed() const noexcept { return closed_; }
    /// True if a coroutine has kept retrying what cannot succeed, without waiting for anything.
    /// What it tries next is never completed, which destroys the coroutine.
    bool stuck() const noexcept { return attempts_ > kMaxAttempts; }
    /// Commands answered so far.
    std::uint64_t commands() const noexcept { return dialogue_.commands(); }

    const asio::any_io_executor& get_executor() const noexcept override {
        return transport_.get_executor();
    }
    asio::ip::address local_address() const override { return transport_.local_address(); }
    const Environment& environment() const noexcept override { return dialogue_.environment(); }
    bool hung_up() const noexcept override { return dialogue_.hung_up(); }
    End hangup() const noexcept override { return dialogue_.hangup(); }
    void allow_after_hangup() noexcept override { dialogue_.allow_after_hangup(); }
    Deadline now() const noexcept override { return wheel_.now(); }
    CommandLine new_line() override;
    bool finish_line(CommandLine& line) override;
    void recycle_line(std::string&& line) noexcept override;
    std::uint64_t next_id() noexcept override { return ++last_id_; }
    void submit(Operation& operation) override;
    void wait_hangup(Operation& operation) override;
    void sleep(Operation& operation) override;
    void refuse(Operation& operation) override;
    void cancel(std::uint64_t id, asio::cancellation_type type) override;
    void tell_audio(const AudioLineCounters* closed) noexcept override;
    std::uint64_t observe_audio() noexcept override;
    void tell_audio_event(const AudioEvent& event) noexcept override;
    std::weak_ptr<CommandWatcher>& watcher() noexcept override { return watcher_; }

    void on_read(error_code error, std::string_view bytes) override;
    void on_writable() override;
    void on_expired() noexcept override;
    void let_go() override;
    std::shared_ptr<void> keep_alive() noexcept override { return owner_.keep_alive(); }

private:
    /// max() for what is not due.
    struct DueTimes {
        Deadline armed = Deadline::max();  // when the wheel will call
        Deadline phase = Deadline::max();  // the environment, then the time after the hangup
        Deadline session = Deadline::max();
        Deadline channel_check = Deadline::max();
    };

    bool write(std::string_view line) noexcept override;
    void opened() override;
    void complete(Operation& operation, End end, const Reply& reply) override;
    void fail(Operation& operation, End end, const Reply& reply) noexcept override;
    void on_hangup(bool before) noexcept override;
    void on_fault(Fault fault, std::string_view why) override;
    void on_line(bool sent, std::string_view line) noexcept override;
    void on_sending(const Operation& operation) noexcept override;
    void on_finished(End end, const Reply& reply) noexcept override;
    void on_abandoned(End end) noexcept override;
    void wake_at(Deadline time) noexcept override;

    void leave_context() noexcept;

    void check_deadlines();
    Deadline next_deadline() const noexcept;
    void wake_sleepers(Deadline now);
    void input_ended(error_code error);
    void expire(Fault fault, std::string_view why);
    void end(End how) noexcept;
    bool drop_stuck(Operation& operation);
    /// On the session's executor, but not before this returns; nothing if the session is gone.
    template <class Function>
    void run_later(Function function);

    static constexpr std::uint32_t kMaxAttempts = 1000;

    // What each command touches is together, from the last three bases to the first half of the
    // dialogue: fewer cache lines for a thousand sessions.
    AGI agi_{*this};
    Transport& transport_;
    std::uint64_t last_id_ = 0;
    std::uint32_t attempts_ = 0;  // to execute or wait, since the last progress
    std::uint32_t command_limit_ = CommandLine::kSmallBuffer;
    std::string spare_line_;
    WriteBacklog backlog_;
    std::weak_ptr<CommandWatcher> watcher_;
    Fault lost_ = Fault::none;  // why the connection was lost, if that is worth reporting
    bool disconnected_ = false;
    bool in_context_ = false;  // in the registry and the wheel
    bool closed_ = false;
    Dialogue dialogue_;
    SessionOwner& owner_;
    SessionRegistry& registry_;
    TimerWheel& wheel_;
    OperationQueue waiters_;                  // for the hangup
    OperationQueue sleepers_;                 // in the order of their deadlines
    std::unique_ptr<CallObserver> observer_;  // destroyed before what it was told of
    DueTimes due_;
};

template <class Function>
void Session::tell(Function function) noexcept {
    if (!observer_)
        return;
    try {
        function(*observer_);
    } catch (...) {
        owner_.on_observer_exception(std::current_exception());
    }
}

template <class Function>
void Session::run_later(Function function) {
    asio::post(
        get_executor(),
        [this, self = keep_alive(), function = std::move(function)]() mutable noexcept {
            try {
                if (self)
                    function();
            } catch (...) {
                on_read(asio::error::no_memory, {});
            }
        }
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
