// SPDX-License-Identifier: MIT
// BlockingAGI: a call, and the loop that runs while one of its functions does.
#include "script/script_call.hpp"

#include <costrix/agi/blocking_agi.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// The call's handler: the program does what there is to do.
asio::awaitable<void> wait_forever(AGI& call, const Request&) {
    asio::steady_timer never(call.get_executor(), asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

}  // namespace

struct BlockingAGI::Impl {
    asio::io_context context{1};
    // A context without work stops for good, and the session may have ended itself.
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::shared_ptr<detail::ScriptCall> call;
};

BlockingAGI::BlockingAGI(bool debug) : BlockingAGI(ScriptOptions{.debug = debug}) {}

BlockingAGI::BlockingAGI(const ScriptOptions& options) : impl_(std::make_unique<Impl>()) {
    bool begun = false;
    impl_->call = std::make_shared<detail::ScriptCall>(impl_->context, options, [&](Request&) {
        begun = true;
        return std::make_shared<const ScriptHandler>(wait_forever);
    });
    impl_->call->start();
    while (!begun && !impl_->call->end())
        impl_->context.run_one();
    if (!begun) {
        impl_->call->close();
        throw AGIUnknownError(impl_->call->fault());
    }
}

BlockingAGI::~BlockingAGI() {
    impl_->call->return_handler();
    impl_->call->close();
}

AGI& BlockingAGI::async() const noexcept {
    return impl_->call->agi();
}

bool BlockingAGI::hung_up() {
    impl_->context.poll();
    return async().hung_up();
}

void BlockingAGI::run_until(const std::function<bool()>& ended, asio::cancellation_signal& cancel) {
    std::exception_ptr stray;
    while (!ended()) {
        try {
            impl_->context.run_one();
        } catch (...) {
            stray = std::current_exception();
            cancel.emit(asio::cancellation_type::terminal);
        }
    }
    if (stray)
        std::rethrow_exception(stray);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
