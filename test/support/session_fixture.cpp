// SPDX-License-Identifier: MIT
// A session over a scripted transport, with coroutines to run against it.
#include "support/session_fixture.hpp"

#include <costrix/asio.hpp>

namespace costrix::test {

std::string plain_environment(std::string_view extra) {
    return "agi_network: yes\nagi_network_script: test\nagi_request: agi://127.0.0.1/test\n"
           "agi_channel: PJSIP/100-00000001\nagi_language: en\nagi_uniqueid: 1.1\n"
           "agi_version: 22.10.1\nagi_callerid: unknown\nagi_extension: run\n"
           "agi_accountcode: \n" +
           std::string(extra) + "\n";
}

std::string Task::what() const {
    try {
        if (error_)
            std::rethrow_exception(error_);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "no std::exception";
    }
    return "";
}

struct SessionTest::Parts {
    Parts(
        asio::io_context& context,
        agi::detail::SessionOwner& owner,
        const agi::detail::SessionLimits& limits
    )
        : transport(context), session(transport, owner, limits), call(session) {}

    ScriptedTransport transport;
    agi::detail::Session session;
    agi::AGI call;
};

SessionTest::SessionTest() {
    open(plain_environment());
}

SessionTest::~SessionTest() {
    session_->close();
    run();
}

void SessionTest::make_parts() {
    if (session_) {
        session_->close();
        run();
    }
    auto& owner = static_cast<agi::detail::SessionOwner&>(*this);
    parts_ = std::make_shared<Parts>(context_, owner, limits_);
    transport_ = &parts_->transport;
    session_ = &parts_->session;
    call_ = &parts_->call;
}

void SessionTest::open(const std::string& environment) {
    make_parts();
    opened_ = disconnected_ = false;
    fault_ = agi::detail::Fault::none;
    why_.clear();
    overtime_ = 0;
    session_->start();
    asterisk(environment);
}

void SessionTest::open(agi::detail::SessionLimits limits) {
    limits_ = limits;
    open(plain_environment());
}

bool SessionTest::wait_for(const Task& task) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    context_.restart();
    while (!task.done() && std::chrono::steady_clock::now() < end)
        context_.run_one_until(end);
    return task.done();
}

std::shared_ptr<Task> SessionTest::start(asio::awaitable<void> work) {
    auto task = std::make_shared<Task>();
    auto finished = [task](std::exception_ptr error) {
        task->done_ = true;
        task->error_ = std::move(error);
    };
    asio::co_spawn(
        context_, std::move(work), asio::bind_cancellation_slot(task->cancel.slot(), finished)
    );
    run();
    return task;
}

void SessionTest::run() {
    context_.restart();
    context_.poll();
}

void SessionTest::asterisk(std::string_view bytes) {
    transport_->receive(bytes);
    run();
}

}  // namespace costrix::test
