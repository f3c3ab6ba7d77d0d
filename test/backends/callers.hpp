// SPDX-License-Identifier: MIT
// Many callers at once, each with a simulated Asterisk, and what became of their calls.
#pragma once

#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace costrix::test {

/// Callers on a thread of their own.
class Callers {
public:
    /// Each of `number` callers calls once, or, with a pause in between, until it is told to stop.
    /// `result` is the channel variable that says what became of a call.
    Callers(std::uint16_t port, std::string path, std::string result)
        : port_(port), path_(std::move(path)), result_(std::move(result)) {}
    ~Callers() { stop(); }
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    void start(int number, bool again_and_again) {
        stopping_ = !again_and_again;
        for (int i = 0; i < number; ++i)
            asio::co_spawn(context_, call(), [this](std::exception_ptr error) {
                if (error)
                    count("exception");
            });
        thread_ = std::thread([this] { context_.run(); });
    }
    /// Waits for the last calls.
    void stop() {
        stopping_ = true;
        if (thread_.joinable())
            thread_.join();
        context_.restart();
    }
    /// How many calls ended with this result; "none" is a call whose variable is not set.
    int ended(const std::string& result) {
        const std::lock_guard lock(mutex_);
        return results_[result];
    }
    int ended() {
        const std::lock_guard lock(mutex_);
        int sum = 0;
        for (const auto& [result, number] : results_)
            sum += number;
        return sum;
    }
    std::string describe() {
        const std::lock_guard lock(mutex_);
        std::string text;
        for (const auto& [result, number] : results_)
            text += result + ": " + std::to_string(number) + "\n";
        return text;
    }

private:
    void count(const std::string& result) {
        const std::lock_guard lock(mutex_);
        ++results_[result];
    }
    asio::awaitable<void> call() {
        asio::steady_timer pause(context_);
        for (bool again = true; again; again = !stopping_) {
            testing::Scenario scenario(path_);
            scenario.caller_number("5551234").any_sound(std::chrono::minutes(1));
            scenario.without_events().answer_delay({});
            const auto asterisk = co_await testing::place_call(scenario, port_);
            count(asterisk.variable(result_).value_or("none"));
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::use_awaitable);
        }
    }

    std::uint16_t port_;
    std::string path_, result_;
    asio::io_context context_{1};
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::map<std::string, int> results_;
    std::thread thread_;
};

}  // namespace costrix::test
