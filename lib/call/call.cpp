// SPDX-License-Identifier: MIT
// One call, from its environment to its end.
#include "call/call.hpp"

#include "call/spawn_handler.hpp"
#include "protocol/log_text.hpp"

#include <costrix/asio.hpp>

#include <new>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The completion of a handler's coroutine; ends the call, and keeps it alive until then.
///
/// A coroutine that is destroyed where it waits never completes. It was stopped because it was
/// stuck, or there was no memory to resume it; or its execution context is being destroyed, and
/// that has closed the session.
class Call::Ending {
public:
    explicit Ending(Call& call) : call_(call.host_.keep_alive(), &call) {}
    Ending(Ending&&) noexcept = default;
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        if (!call_)
            return;
        if (call_->session_.stuck())
            call_->finish(std::make_exception_ptr(Stopped()));
        else if (!call_->session_.closed())
            call_->finish(std::make_exception_ptr(std::bad_alloc()));
    }

    void operator()(std::exception_ptr error) {
        std::exchange(call_, nullptr)->finish(std::move(error));
    }

private:
    std::shared_ptr<Call> call_;
};

Call::Call(Transport& transport, const SessionLimits& limits, CallHost& host)
    : host_(host), session_(transport, *this, limits), accepted_(session_.now()) {}

void Call::start() noexcept {
    try {
        session_.start();
    } catch (...) {
        finish(std::current_exception());
    }
}

void Call::cancel() {
    if (handler_)
        cancel_wait(cancel_);
    else
        finish(nullptr);
}

void Call::on_environment() {
    if (ended_)
        return;
    try {
        handler_ = host_.route();
        if (!handler_) {
            finish(nullptr);
            return;
        }
        auto flow = (*handler_)(agi(), request_);  // may throw, if it is no coroutine itself
        spawn_handler(session_.get_executor(), std::move(flow), cancel_.slot(), Ending(*this));
    } catch (...) {
        finish(std::current_exception());
    }
}

void Call::on_fault(Fault fault, std::string_view why) {
    host_.on_fault(fault, why);
    session_.tell([fault, why](CallObserver& observer) {
        using Kind = CallError::Kind;
        const auto kind = is_time_limit(fault)       ? Kind::time_limit
                          : fault == Fault::internal ? Kind::internal
                                                     : Kind::peer;
        observer.on_error({kind, log_text(why), nullptr});
    });
    if (!handler_)
        finish(nullptr);
}

void Call::on_stray_exception(std::exception_ptr error) noexcept {
    try {
        if (judge(error, session_.hung_up()) == CallOutcome::hung_up)
            return;
        host_.on_stray_exception(error);
        tell_exception(CallError::Kind::stray_exception, error);
    } catch (...) {  // out of memory: there is nothing to report it with
    }
}

void Call::tell_exception(CallError::Kind kind, const std::exception_ptr& error) noexcept {
    session_.tell([kind, &error](CallObserver& observer) {
        observer.on_error({kind, log_message(describe(error)), error});
    });
}

void Call::observe(Observer* observer, std::string_view route, bool busy) noexcept {
    if (!observer)
        return;
    try {
        session_.set_observer(observer->on_call({environment(), request_, route, busy, accepted_}));
    } catch (...) {
        host_.on_observer_exception(std::current_exception());
    }
}

void Call::tell_end(const CallEnd& end) noexcept {
    if (end.how == CallOutcome::failed || end.how == CallOutcome::timed_out)
        tell_exception(CallError::Kind::handler, end.error);
    session_.tell([&end](CallObserver& observer) {
        observer.on_end({end.how, end.commands, end.took});
    });
    session_.drop_observer();
}

void Call::finish(std::exception_ptr error) noexcept {
    if (std::exchange(ended_, true))
        return;
    const bool hung_up = session_.hung_up();
    const bool begun = handler_ != nullptr;
    const auto how = begun || error ? judge(error, hung_up) : CallOutcome::cancelled;
    const auto took = session_.now() - accepted_;
    host_.on_end({how, begun, std::move(error), hung_up, session_.commands(), took});
    session_.drop_observer();  // if its host did not tell it
    session_.close(End::returned);
    host_.on_closed();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
