// SPDX-License-Identifier: MIT
// Runs one handler to its end against a Peer, on a clock that is set forward.
#include "testing/call_runner.hpp"

#include "call/call.hpp"
#include "router/make_request.hpp"
#include "testing/memory_transport.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

using agi::detail::Fault;
using agi::detail::HandlerEnd;
using agi::detail::SessionLimits;
using agi::detail::TimerWheel;

namespace {

// Any time that no deadline can lie before.
constexpr TimerWheel::Clock::time_point kStart{std::chrono::hours(1)};

// How long the work that a handler leaves behind may go on, in real time.
constexpr std::chrono::milliseconds kLetGo{100};

/// A server's default time limits.
constexpr SessionLimits kLimits{.after_hangup_time = std::chrono::seconds(60)};

}  // namespace

/// The handler's call.
class HandlerRun final : public agi::detail::CallHost,
                         public std::enable_shared_from_this<HandlerRun> {
public:
    HandlerRun(const asio::any_io_executor& executor, const CallFlow& flow)
        : transport_(executor), call_(transport_, kLimits, *this), flow_(flow) {}

    void start() { call_.start(); }
    void close() { call_.session().close(); }
    /// Cancels the handler; false when that was done before.
    bool cancel() {
        if (std::exchange(cancelled_, true))
            return false;
        call_.cancel();
        return true;
    }

    MemoryTransport& transport() noexcept { return transport_; }
    /// True once there is a handler.
    bool begun() const noexcept { return begun_; }
    bool ended() const noexcept { return call_.ended(); }
    bool hung_up() const noexcept { return ended() ? hung_up_ : call_.session().hung_up(); }
    /// What left the handler, or what it had started; null for a normal end, a hangup included.
    std::exception_ptr error() const { return error_ ? error_ : stray_; }
    void on_stray_exception(const std::exception_ptr& error) override {
        if (!stray_ && agi::detail::judge(error, hung_up()) != HandlerEnd::hung_up)
            stray_ = error;
    }

private:
    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }

    std::shared_ptr<const agi::ScriptHandler> route() override {
        auto& request = call_.request();
        request = agi::detail::make_request(call_.environment());
        auto found = flow_.find(request.path);
        if (!found)
            throw std::invalid_argument("no handler for the path " + request.path);
        request.match = std::move(found.match);
        begun_ = true;
        return std::move(found.handler);
    }

    void on_fault(Fault fault, std::string_view why) override {
        if (agi::detail::is_time_limit(fault))
            return close();  // no more of its time passes
        auto what = std::string(why);
        if (begun_)
            what.insert(0, "what Asterisk answered is not AGI: ");
        error_ = std::make_exception_ptr(std::runtime_error(what));
    }

    void on_end(const agi::detail::CallEnd& end) noexcept override {
        hung_up_ = end.hung_up;
        if (error_ || end.how == HandlerEnd::returned || end.how == HandlerEnd::hung_up)
            return;
        error_ = end.error;
        if (error_ && call_.session().stuck())
            error_ = std::make_exception_ptr(
                std::runtime_error("the handler was stopped: " + agi::detail::describe(error_))
            );
    }

    MemoryTransport transport_;
    agi::detail::Call call_;
    const CallFlow& flow_;
    std::exception_ptr error_, stray_;
    bool begun_ = false;
    bool cancelled_ = false;
    bool hung_up_ = false;  // before the handler ended
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

/// A thread of the handler's may still be using the context, which ends with this.
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

/// Does whatever is next; false when nothing is.
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

/// Hands each side what the other one wrote; false when that was nothing.
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

/// Advances the clock to what is due first; Asterisk's events precede the session's of the same
/// time. False when nothing will be due.
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

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
