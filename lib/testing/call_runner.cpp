// SPDX-License-Identifier: MIT
// Runs one handler to its end against a Peer, on a clock that is set forward.
#include "testing/call_runner.hpp"

#include "call/call.hpp"
#include "router/make_request.hpp"
#include "testing/memory_transport.hpp"

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

using agi::CallOutcome;
using agi::detail::Fault;
using agi::detail::SessionLimits;

namespace {

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
        if (!stray_ && agi::detail::judge(error, hung_up()) != CallOutcome::hung_up)
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
        call_.observe(flow_.observer().get());
        return std::move(found.handler);
    }

    void on_observer_exception(const std::exception_ptr& error) noexcept override {
        error_ = error;
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
        call_.tell_end(end);
        if (error_ || end.how == CallOutcome::returned || end.how == CallOutcome::hung_up)
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
    : peer_(peer), patience_(patience), audio_(context()),
      handler_(std::make_shared<HandlerRun>(context().get_executor(), flow)) {}

CallRunner::~CallRunner() = default;

bool CallRunner::begun() const noexcept {
    return handler_->begun();
}

std::exception_ptr CallRunner::error() const {
    return handler_->error();
}

bool CallRunner::run() {
    handler_->start();
    run_for(patience_);
    hung_up_ = handler_->hung_up();
    const bool ended = handler_->ended();
    if (!ended)
        handler_->cancel();
    run_ready();
    handler_->close();
    audio_.close();
    run_out();
    return ended;
}

bool CallRunner::go_on() {
    if (move_bytes())
        return true;
    if (handler_->ended())
        return false;
    if (peer_.closed() && handler_->transport().end())
        return true;
    if (peer_.failed() && handler_->cancel())
        return true;
    return pass_time();
}

bool CallRunner::move_bytes() {
    const auto written = handler_->transport().take_written();
    if (!written.empty())
        peer_.receive(written);
    audio_.connect(peer_.take_audio_connections());
    const bool moved = audio_.move_bytes();
    auto output = peer_.take_output();
    if (output.empty())
        return !written.empty() || moved;
    handler_->transport().deliver(std::move(output));
    return true;
}

std::optional<CallRunner::Time> CallRunner::next_event() const {
    return peer_.closed() ? std::nullopt : peer_.next_event();
}

void CallRunner::on_stray_exception(std::exception_ptr error) {
    handler_->on_stray_exception(error);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
