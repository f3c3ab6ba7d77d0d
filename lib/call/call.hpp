// SPDX-License-Identifier: MIT
// One call: a session, the handler that runs for it, and how it ended.
#pragma once

#include "call/handler_end.hpp"
#include "session/session.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class Call;

/// How a call ended.
struct CallEnd {
    CallOutcome how;
    bool begun;  ///< It had a handler.
    /// What left the handler, or kept it from starting; null otherwise.
    std::exception_ptr error;
    bool hung_up;            ///< Before the handler ended.
    std::uint64_t commands;  ///< Answered.
    std::chrono::nanoseconds took;
};

/// Who runs a call: a server, a script, a test. The call calls it on its executor.
class CallHost {
public:
    /// Shares ownership of the host, and so of the call and its transport in it; null if it is
    /// being destroyed. Any thread.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// Finds the call's handler and completes Call::request(). Null ends the call, as does an
    /// exception, which becomes CallEnd::error.
    virtual std::shared_ptr<const ScriptHandler> route() = 0;
    /// The wire, line by line; called only after Session::observe_lines().
    virtual void on_line(bool /*sent*/, std::string_view /*line*/) {}
    /// Reports what is wrong with the peer, or which time limit has passed, as soon as it is known:
    /// a handler that never ends must not hide it.
    virtual void on_fault(Fault fault, std::string_view why) = 0;
    /// An exception, other than a hangup, left a coroutine or completion handler that the user's
    /// handler had started.
    virtual void on_stray_exception(const std::exception_ptr& error) = 0;
    /// An exception left the call's observer.
    virtual void on_observer_exception(const std::exception_ptr& /*error*/) noexcept {}
    /// The connection ended after the environment; the handler may go on.
    virtual void on_disconnect() {}
    /// The handler has ended, or will never start. Called exactly once unless the execution context
    /// is destroyed first (see Call::ended()); the connection is closed next.
    virtual void on_end(const CallEnd& end) noexcept = 0;
    /// The connection is closed: the last call, right after on_end().
    virtual void on_closed() noexcept {}

protected:
    ~CallHost() = default;
};

/// One call over any transport.
///
///     start() ──▶ environment ──▶ CallHost::route() ──▶ handler ──▶ on_end() ──▶ on_closed()
///                      └─fault─────────┴─none────────────────────────▲
///
/// Visible outside of a shared library, for the test kit.
class __attribute__((visibility("default"))) Call final : private SessionOwner {
public:
    /// All three outlive the call.
    Call(Transport& transport, const SessionLimits& limits, CallHost& host);
    ~Call() { session_.drop_observer(); }  // it may refer to the request

    /// Begins to read the environment; the rest follows from it. Does not throw: what fails ends
    /// the call.
    void start() noexcept;
    /// Cancels (terminal) what the handler awaits, so that it can still clean up; ends a call
    /// without a handler at once.
    void cancel();
    /// Something is wrong with the peer, which the host has found out: ends a call without a
    /// handler.
    void fail(Fault fault, std::string_view why) { on_fault(fault, why); }

    Session& session() noexcept { return session_; }
    const Session& session() const noexcept { return session_; }
    AGI& agi() noexcept { return session_.agi(); }
    const Environment& environment() const noexcept { return session_.environment(); }
    /// What the handler is given.
    Request& request() noexcept { return request_; }
    const Request& request() const noexcept { return request_; }
    /// When it was made.
    Deadline accepted() const noexcept { return accepted_; }
    /// For route(): has this observer, unless it is null, observe the call. What it throws goes to
    /// on_observer_exception(). `route` and `busy`: as in ObservedCall.
    void observe(Observer* observer, std::string_view route = {}, bool busy = false) noexcept;
    /// For on_end(): tells the observer, which is the last that it is told.
    void tell_end(const CallEnd& end) noexcept;
    /// True once the host has been told of the end.
    bool ended() const noexcept { return ended_; }

private:
    class Ending;

    std::shared_ptr<void> keep_alive() noexcept override { return host_.keep_alive(); }
    void on_environment() override;
    void on_line(bool sent, std::string_view line) override { host_.on_line(sent, line); }
    void on_fault(Fault fault, std::string_view why) override;
    void on_overtime() override { cancel_wait(cancel_); }
    void on_stray_exception(std::exception_ptr error) noexcept override;
    void on_observer_exception(std::exception_ptr error) noexcept override {
        host_.on_observer_exception(error);
    }
    void on_disconnect() override { host_.on_disconnect(); }

    void finish(std::exception_ptr error) noexcept;
    void tell_exception(CallError::Kind kind, const std::exception_ptr& error) noexcept;

    CallHost& host_;
    Session session_;
    Request request_;
    std::shared_ptr<const ScriptHandler> handler_;  // null until there is one
    asio::cancellation_signal cancel_;
    const Deadline accepted_;
    bool ended_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
