// SPDX-License-Identifier: MIT
// A session over a scripted transport, with coroutines to run against it.
#pragma once

#include "session/session.hpp"
#include "support/scripted_transport.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::test {

/// The environment block of an ordinary call; `extra` lines (each with its LF) come last.
std::string plain_environment(std::string_view extra = {});

/// A coroutine that a test has started, and how it ended.
class Task {
public:
    bool done() const noexcept { return done_; }
    /// What it threw; null when nothing.
    std::exception_ptr error() const noexcept { return error_; }
    /// True when it threw an E.
    template <class E>
    bool threw() const {
        try {
            if (error_)
                std::rethrow_exception(error_);
        } catch (const E&) {
            return true;
        } catch (...) {
        }
        return false;
    }
    /// What the std::exception that it threw says.
    std::string what() const;
    asio::cancellation_signal cancel;

private:
    friend class SessionTest;
    bool done_ = false;
    std::exception_ptr error_;
};

/// A session whose environment has been read; the test plays Asterisk.
class SessionTest : public ::testing::Test, private agi::detail::SessionOwner {
protected:
    SessionTest();
    ~SessionTest() override;

    /// Begins the session with this environment block instead of the plain one.
    void open(const std::string& environment);
    /// Begins a plain session with these limits.
    void open(agi::detail::SessionLimits limits);

    /// Starts a coroutine and runs it as far as it comes.
    std::shared_ptr<Task> start(asio::awaitable<void> work);
    /// Starts this command.
    template <agi::Action A>
    std::shared_ptr<Task> begin(A action) {
        return start(execute(call(), std::move(action)));
    }
    template <agi::Action A>
    static asio::awaitable<void> execute(agi::AGI& call, A action) {
        co_await call.execute(action);
    }
    /// Runs whatever is ready.
    void run();
    /// Runs in real time until the task has ended; false when that takes over five seconds.
    bool wait_for(const Task& task);
    /// Asterisk sends this, and whatever is ready runs.
    void asterisk(std::string_view bytes);
    /// What the session sent since this was last asked.
    std::string sent() { return transport_->take_sent(); }

    ScriptedTransport& transport() { return *transport_; }
    agi::detail::Session& session() { return *session_; }
    agi::AGI& call() { return *call_; }
    asio::io_context& context() { return context_; }

    bool opened_ = false;  // the environment is complete
    agi::detail::Fault fault_ = agi::detail::Fault::none;
    std::string why_;  // what on_fault() said
    bool disconnected_ = false;
    int overtime_ = 0;  // how often the handler was to be cancelled
    std::exception_ptr stray_;
    std::vector<std::string> lines_;

private:
    std::shared_ptr<void> keep_alive() noexcept override { return parts_; }
    void on_environment() override { opened_ = true; }
    void on_line(bool sent, std::string_view line) override {
        lines_.push_back((sent ? "> " : "< ") + std::string(line));
    }
    void on_fault(agi::detail::Fault fault, std::string_view why) override {
        fault_ = fault;
        why_ = why;
    }
    void on_overtime() override { ++overtime_; }
    void on_disconnect() override { disconnected_ = true; }
    void on_stray_exception(std::exception_ptr error) noexcept override {
        stray_ = std::move(error);
    }

    struct Parts;
    void make_parts();

    asio::io_context context_;
    agi::detail::SessionLimits limits_;
    std::shared_ptr<Parts> parts_;
    ScriptedTransport* transport_ = nullptr;
    agi::detail::Session* session_ = nullptr;
    agi::AGI* call_ = nullptr;
};

}  // namespace costrix::test
