// SPDX-License-Identifier: MIT
// Runs one handler to its end against a Peer, on a clock that is set forward.
#include "testing/call_runner.hpp"

#include "router/make_request.hpp"
#include "session/handler_end.hpp"
#include "session/session.hpp"
#include "testing/memory_transport.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/exceptions.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::testing::detail {

using agi::detail::SessionLimits;
using agi::detail::TimerWheel;
using agi::detail::TransportListener;

namespace {

// Any time will do, if it is not so early that a deadline could lie before it.
constexpr TimerWheel::Clock::time_point kStart{std::chrono::hours(1)};

// How long what a handler leaves behind goes on, in real time.
constexpr std::chrono::milliseconds kLetGo{100};

/// The defaults of a server, as far as time is concerned.
constexpr SessionLimits kLimits{.after_hangup_time = std::chrono::seconds(60)};

}  // namespace

/// The session and its handler: what a server's connection is, without the server.
class HandlerRun final : public agi::detail::SessionOwner,
                         public std::enable_shared_from_this<HandlerRun> {
public:
    HandlerRun(const asio::any_io_executor& executor, const CallFlow& flow)
        : transport_(executor), session_(transport_, *this, kLimits), agi_(session_), flow_(flow) {}

    void start() {
        session_.start(std::shared_ptr<TransportListener>(shared_from_this(), &session_));
    }
    void close() { session_.close(); }
    /// Cancels the handler; false when that was done before.
    bool cancel() {
        if (std::exchange(cancelled_, true))
            return false;
        agi::detail::cancel_wait(cancel_);
        return true;
    }

    MemoryTransport& transport() noexcept { return transport_; }
    bool begun() const noexcept { return found_ != nullptr; }
    bool ended() const noexcept { return ended_ || session_.stuck(); }
    bool hung_up() const noexcept { return session_.hung_up(); }
    /// What left the handler, or what it had started; null for a normal end, a hangup included.
    std::exception_ptr error() const {
        if (session_.stuck())
            return std::make_exception_ptr(std::runtime_error(
                "the handler was stopped: it tried again and again after its call had ended"
            ));
        return error_ ? error_ : stray_;
    }
    void on_stray_exception(std::exception_ptr error) noexcept override {
        if (!stray_ && !agi::detail::is_hangup(error, hung_up()))
            stray_ = std::move(error);
    }

private:
    void on_environment(std::string_view fault) override {
        try {
            if (!fault.empty())
                throw std::runtime_error("the environment block " + std::string(fault));
            begin();
        } catch (...) {
            finish(std::current_exception());
        }
    }
    void on_line(bool, std::string_view) override {}
    void on_protocol_error(std::string_view what) override {
        protocol_error_ = std::make_exception_ptr(
            std::runtime_error("what Asterisk answered is not AGI: " + std::string(what))
        );
    }
    void on_overtime(std::string_view) override {
        session_.close();  // no more of its time passes
        cancel();
    }

    void begin() {
        request_ = agi::detail::make_request(session_.environment());
        auto found = flow_.find(request_.path);
        if (!found)
            throw std::invalid_argument("no handler for the path " + request_.path);
        found_ = std::move(found.handler);
        request_.match = std::move(found.match);
        auto ended = [self = shared_from_this()](std::exception_ptr error) {
            self->finish(std::move(error));
        };
        asio::co_spawn(
            session_.get_executor(),
            (*found_)(agi_, request_),
            asio::bind_cancellation_slot(cancel_.slot(), std::move(ended))
        );
    }

    void finish(std::exception_ptr error) {
        ended_ = true;
        error_ = protocol_error_ ? protocol_error_ : std::move(error);
        if (agi::detail::is_hangup(error_, hung_up()))
            error_ = nullptr;  // a normal end
    }

    MemoryTransport transport_;
    agi::detail::Session session_;
    agi::AGI agi_;
    const CallFlow& flow_;
    agi::Request request_;
    std::shared_ptr<const agi::ScriptHandler> found_;
    asio::cancellation_signal cancel_;
    std::exception_ptr error_, protocol_error_, stray_;
    bool cancelled_ = false;
    bool ended_ = false;
};

CallRunner::CallRunner(Peer& peer, const CallFlow& flow, Time patience)
    : peer_(peer), patience_(patience) {
    asio::use_service<TimerWheel>(context_).set_time(kStart);
    handler_ = std::make_shared<HandlerRun>(context_.get_executor(), flow);
}

CallRunner::~CallRunner() = default;

bool CallRunner::begun() const noexcept {
    return handler_->begun();
}

std::exception_ptr CallRunner::error() const {
    return handler_->error();
}

bool CallRunner::run() {
    handler_->start();
    give_up_ = RealClock::now() + patience_;
    do {
        run_ready();
    } while (go_on() && RealClock::now() < give_up_);
    hung_up_ = handler_->hung_up();
    const bool ended = handler_->ended();
    if (!ended)
        handler_->cancel();
    run_ready();
    handler_->close();
    run_out();
    return ended;
}

/// A thread of the handler's may still be about to let go of the context, which ends with this.
void CallRunner::run_out() {
    context_.restart();
    context_.run_for(kLetGo);
}

void CallRunner::run_ready() {
    while (true) {
        context_.restart();
        try {
            context_.poll();
            return;
        } catch (...) {  // it left a completion handler
            handler_->on_stray_exception(std::current_exception());
        }
    }
}

/// Does the next thing that there is to do; false when there is nothing.
bool CallRunner::go_on() {
    if (move_bytes())
        return true;
    if (handler_->ended())
        return false;
    if (peer_.closed() && handler_->transport().end())
        return true;
    if (peer_.failed() && handler_->cancel())
        return true;
    return pass_time() || wait_in_real_time();
}

/// Takes to either side what the other one wrote; false when that was nothing.
bool CallRunner::move_bytes() {
    const auto written = handler_->transport().take_written();
    if (!written.empty())
        peer_.receive(written);
    auto output = peer_.take_output();
    if (output.empty())
        return !written.empty();
    handler_->transport().deliver(std::move(output));
    return true;
}

/// Sets the clock to what falls due first. What Asterisk does at a time comes before what the
/// session does at the same time. False when nothing will fall due.
bool CallRunner::pass_time() {
    auto& wheel = asio::use_service<TimerWheel>(context_);
    auto next = Time::max();
    if (const auto left = peer_.next_event(); left && !peer_.closed())
        next = *left;
    if (const auto due = wheel.next())
        next = std::min(next, std::max(Time(*due - wheel.now()), Time()));
    if (next == Time::max())
        return false;
    now_ += next;
    wheel.set_time(kStart + now_);
    peer_.advance(next);
    if (move_bytes())
        run_ready();
    wheel.turn_by_hand();
    return true;
}

bool CallRunner::wait_in_real_time() {
    context_.restart();
    return context_.run_one_until(give_up_) > 0;
}

}  // namespace costrix::testing::detail
