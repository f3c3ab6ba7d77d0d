// SPDX-License-Identifier: MIT
// BlockingAGI: the loop that runs while a function of it does.
#include "script/script_session.hpp"

#include <costrix/agi/blocking_agi.hpp>
#include <costrix/agi/exceptions.hpp>

#include <asio/executor_work_guard.hpp>

namespace costrix::agi {
namespace {

ScriptOptions with_debug(bool debug) {
    ScriptOptions options;
    options.debug = debug;
    return options;
}

}  // namespace

struct BlockingAGI::Impl {
    asio::io_context context{1};
    // A context without work stops for good, and the session may have ended itself.
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::shared_ptr<detail::ScriptSession> session;
};

BlockingAGI::BlockingAGI(bool debug) : BlockingAGI(with_debug(debug)) {}

BlockingAGI::BlockingAGI(const ScriptOptions& options) : impl_(std::make_unique<Impl>()) {
    impl_->session = std::make_shared<detail::ScriptSession>(impl_->context, options);
    Waiting environment;
    std::string wrong;
    impl_->session->start([&environment, &wrong](std::string_view fault) {
        wrong = fault;
        environment.end(nullptr);
    });
    run_until(environment);
    if (!wrong.empty()) {
        impl_->session->close();
        throw AGIUnknownError("no AGI on standard input: the environment " + wrong);
    }
}

BlockingAGI::~BlockingAGI() {
    impl_->session->close();
}

AGI& BlockingAGI::async() const noexcept {
    return impl_->session->agi();
}

bool BlockingAGI::hung_up() {
    impl_->context.poll();
    return async().hung_up();
}

void BlockingAGI::run_until(Waiting& waiting) {
    std::exception_ptr stray;
    while (!waiting.done) {
        try {
            impl_->context.run_one();
        } catch (...) {
            stray = std::current_exception();
            waiting.cancel.emit(asio::cancellation_type::terminal);
        }
    }
    if (stray)
        std::rethrow_exception(stray);
    if (waiting.error)
        std::rethrow_exception(waiting.error);
}

}  // namespace costrix::agi
