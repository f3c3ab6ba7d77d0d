// SPDX-License-Identifier: MIT
// A FastAGI server of a test's own, and the Asterisk that `up` has started.
#pragma once

#include "asterisk/ami_client.hpp"
#include "asterisk/audio_figures.hpp"
#include "support/log_capture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::test {

/// What `up` was given in an environment variable, or its default.
inline std::uint16_t port_of(const char* variable, std::uint16_t otherwise) {
    const char* given = std::getenv(variable);
    return given ? static_cast<std::uint16_t>(std::atoi(given)) : otherwise;
}

/// Work beside the call: half a minute, unless it is cancelled.
inline asio::awaitable<void> long_work() {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(30));
    co_await timer.async_wait(asio::use_awaitable);
}

class AsteriskTest : public ::testing::Test {
protected:
    explicit AsteriskTest(agi::FastAGIServerOptions options = {}) : server_(with(options)) {}
    ~AsteriskTest() override { finish(); }

    /// Waits for the handlers: Asterisk may be done with a call before they are.
    void finish() {
        server_.shutdown();
        if (thread_.joinable())
            thread_.join();
    }
    /// Runs this handler for every call from now on.
    void serve(agi::ScriptHandler handler) {
        server_.register_script_handler(std::nullopt, std::move(handler));
        thread_ = std::thread([this] { server_.run(); });
    }
    CallPlan plan(std::string path = "test") const {
        CallPlan one;
        one.path = std::move(path);
        one.port = server_.port();
        return one;
    }
    /// Nothing but calls that ended: with the hangup, or by the handler's return.
    void expect_nothing_wrong() const {
        const auto counted = server_.counters();
        EXPECT_EQ(counted.handler_failures, 0U);
        EXPECT_EQ(counted.handler_timeouts, 0U);
        EXPECT_EQ(counted.not_a_reply, 0U);
        EXPECT_EQ(counted.after_hangup_timeouts, 0U);
        EXPECT_EQ(counted.internal_errors, 0U);
        EXPECT_EQ(counted.sessions, 0U);
        EXPECT_EQ(counted.finished + counted.hangups, counted.accepted);
        EXPECT_EQ(log_.lines(spdlog::level::err), "");
        EXPECT_EQ(log_.lines(spdlog::level::warn), "");
    }

    /// No channel listens to another one; waits for those that are ending.
    void expect_no_taps() {
        std::string channels;
        for (int i = 0; i < 50; ++i) {
            channels = asterisk_.command("core show channels concise");
            if (channels.find("AudioSocket/") == std::string::npos)
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        ADD_FAILURE() << channels;
    }
    /// Places that many calls of this plan, one every 20 ms, which hang up at different times, from
    /// `earliest` on; none leaves a descriptor open.
    void hang_up_at_any_time(CallPlan call, int calls, std::chrono::milliseconds earliest) {
        const auto before = open_descriptors();
        std::vector<std::string> ids;
        for (int i = 0; i < calls; ++i) {
            call.hangup_after = earliest + std::chrono::milliseconds(i * 7 % 900);
            ids.push_back(asterisk_.start(call));
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        for (const auto& id : ids)
            asterisk_.wait(id);
        EXPECT_TRUE(are_open(before));
        finish();
        EXPECT_TRUE(asterisk_.has_no_channels());
        expect_nothing_wrong();
    }

    LogCapture log_;
    agi::FastAGIServer server_;
    std::thread thread_;
    AmiClient asterisk_{port_of("AMI_PORT", 5038)};

private:
    agi::FastAGIServerOptions with(agi::FastAGIServerOptions options) const {
        options.port = 0;
        options.logger = log_.logger();
        return options;
    }
};

}  // namespace costrix::test
