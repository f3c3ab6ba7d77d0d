// SPDX-License-Identifier: MIT
// 2,000 SIP callers that hang up at random, to handlers of several kinds: nothing is left behind.
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/sip_phone.hpp"

#include <costrix/asio.hpp>

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> work(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

/// In step: the reply is to this command, and to this call's.
asio::awaitable<void> check(AGI& call, const std::string& id) {
    const auto said = co_await call.execute(GetVariable("COSTRIX_ID"));
    if (said != id)
        throw std::logic_error("out of step: " + said.value_or("none") + " for " + id);
}

asio::awaitable<void> prompts(AGI& call, const std::string& id) {
    for (;;) {
        try {
            co_await call.execute(StreamFile("tt-monkeys"), 70ms);
        } catch (const AGITimeout&) {
        }
        co_await check(call, id);
        co_await call.execute_during(GetData("tt-monkeys"), work(50ms));
        co_await check(call, id);
    }
}

asio::awaitable<void> applications(AGI& call, const std::string& id) {
    for (;;) {
        co_await call.execute(Exec("Wait", "0.05"));
        co_await check(call, id);
        co_await call.execute(Exec("Read", "DIGITS", "beep", "1", "", "1", "1"));
        co_await call.execute(ChannelStatus());
    }
}

asio::awaitable<void> working(AGI& call, const std::string& id) {
    for (;;) {
        co_await call.unless_hung_up(work(60ms));
        co_await check(call, id);
    }
}

asio::awaitable<void> cancelling(AGI& call, const std::string& id) {
    for (;;) {
        try {
            co_await call.execute(Exec("Wait", "0.1"), 30ms);  // its reply comes later
        } catch (const AGITimeout&) {
        }
        co_await check(call, id);
    }
}

asio::awaitable<void> waiting(AGI& call, const std::string& id) {
    co_await check(call, id);
    co_await call.wait_for_hangup();
}

class Stress : public test::AsteriskTest {
protected:
    asio::awaitable<void> handle(AGI& call, const Request& request);
    static asio::awaitable<void> clean_up(AGI& call, const std::string& id);
    static std::size_t descriptors() {
        return static_cast<std::size_t>(std::distance(
            std::filesystem::directory_iterator("/proc/self/fd"),
            std::filesystem::directory_iterator()
        ));
    }

    void call(const std::string& id, std::chrono::milliseconds hang_up_after);
    bool began_dead(const std::string& id) {
        const std::lock_guard lock(mutex_);
        return dead_.contains(id);
    }

    std::atomic<std::size_t> scripts_ = 0, cleaned_up_ = 0;
    std::mutex mutex_;
    std::set<std::string> dead_;  // the caller hung up just before AGI()
    test::SipPhone phone_{test::port_of("SIP_PORT", 5098)};
};

asio::awaitable<void> Stress::clean_up(AGI& call, const std::string& id) {
    call.allow_after_hangup();
    co_await call.execute(SetVariable("BILL", id));
    const auto bill = co_await call.execute(GetVariable("BILL"));
    if (bill != id)
        throw std::logic_error("out of step after the hangup: " + id);
}

asio::awaitable<void> Stress::handle(AGI& call, const Request& request) {
    constexpr std::array flows{prompts, applications, working, cancelling, waiting};
    const auto id = request.path;
    const auto number = std::stoul(id.substr(id.find_first_of("0123456789")));
    bool hung_up = false;
    try {
        co_await flows[number % flows.size()](call, id);
    } catch (const AGIResultHangup&) {
        hung_up = true;
    } catch (const AGIDeadChannelError&) {
        const std::lock_guard lock(mutex_);
        dead_.insert(id);
    }
    if (hung_up || call.hung_up()) {
        co_await clean_up(call, id);
        ++cleaned_up_;
    }
}

void Stress::call(const std::string& id, std::chrono::milliseconds hang_up_after) {
    asterisk_.expect(id);
    phone_.call(id, std::to_string(server_.port()));
    std::this_thread::sleep_for(hang_up_after);
    phone_.hang_up(id);
    const auto status = asterisk_.wait(id, 30s).agistatus;
    // For Asterisk, a script that begins on a dead channel cannot lose it.
    const auto* const hung_up = began_dead(id) ? "SUCCESS" : "HANGUP";
    EXPECT_TRUE(status == hung_up || status.empty()) << id << ": " << status;
    if (!status.empty())
        ++scripts_;
}

TEST_F(Stress, CallersHangUpAtAnyMoment) {
    constexpr std::size_t callers = 100, calls = 20;
    serve([this](AGI& call, const Request& request) { return handle(call, request); });
    call("first-0", 1s);  // takes what the server needs once
    const auto before = descriptors();
    std::vector<std::thread> threads;
    for (std::size_t caller = 0; caller < callers; ++caller)
        threads.emplace_back([this, caller] {
            std::mt19937 random(static_cast<unsigned>(caller));
            // Asterisk waits half a second for audio before it runs the script.
            std::uniform_int_distribution<int> after(400, 1600);
            for (std::size_t made = 0; made < calls; ++made)
                call(
                    "stress-" + std::to_string(caller * calls + made),
                    std::chrono::milliseconds(after(random))
                );
        });
    for (auto& thread : threads)
        thread.join();
    for (int n = 0; n < 1000 && server_.counters().sessions + phone_.open() > 0; ++n)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(phone_.open(), 0U);
    EXPECT_EQ(descriptors(), before);
    finish();
    expect_nothing_wrong();
    EXPECT_GT(scripts_, callers * calls / 2);
    EXPECT_EQ(server_.counters().accepted, scripts_);
    EXPECT_EQ(server_.counters().hangups, scripts_);
    EXPECT_EQ(cleaned_up_, scripts_);
    EXPECT_EQ(asterisk_.command("core show channels count").substr(0, 17), "0 active channels");
}

}  // namespace
}  // namespace costrix::agi
