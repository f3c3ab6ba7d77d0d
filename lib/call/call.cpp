// SPDX-License-Identifier: MIT
// One call, from its environment to its end.
#include "call/call.hpp"

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
    : host_(host), session_(transport, *this, limits), agi_(session_) {}

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
        auto flow = (*handler_)(agi_, request_);  // may throw, if it is no coroutine itself
        asio::co_spawn(
            session_.get_executor(),
            std::move(flow),
            asio::bind_cancellation_slot(cancel_.slot(), Ending(*this))
        );
    } catch (...) {
        finish(std::current_exception());
    }
}

void Call::on_fault(Fault fault, std::string_view why) {
    host_.on_fault(fault, why);
    if (!handler_)
        finish(nullptr);
}

void Call::on_stray_exception(std::exception_ptr error) noexcept {
    try {
        if (judge(error, session_.hung_up()) != HandlerEnd::hung_up)
            host_.on_stray_exception(error);
    } catch (...) {  // out of memory: there is nothing to report it with
    }
}

void Call::finish(std::exception_ptr error) noexcept {
    if (std::exchange(ended_, true))
        return;
    const bool hung_up = session_.hung_up();
    const auto how = handler_ ? judge(error, hung_up) : HandlerEnd::not_started;
    host_.on_end({how, std::move(error), hung_up, session_.commands()});
    session_.close(End::returned);
    host_.on_closed();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
