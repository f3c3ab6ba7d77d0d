// SPDX-License-Identifier: MIT
// A fixture for calls with two-way audio: the test plays Asterisk on both connections.
#pragma once

#include "session/timer_wheel.hpp"
#include "support/audio_peer.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/talk.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <regex>
#include <stdexcept>
#include <string>

namespace costrix::test {

class AudioCallTest : public SessionTest {
protected:
    struct Told {
        agi::Uuid uuid;
        std::uint16_t port = 0;
    };

    /// What EXEC AudioSocket says.
    Told told() {
        static const std::regex pattern(
            R"re(EXEC "AudioSocket" "([-0-9a-f]{36}),127\.0\.0\.1:(\d+)"\n)re"
        );
        const auto line = sent();
        std::smatch match;
        if (!std::regex_match(line, match, pattern))
            throw std::runtime_error("not EXEC AudioSocket: " + line);
        return {*agi::Uuid::parse(match[1].str()), static_cast<std::uint16_t>(std::stoi(match[2]))};
    }
    agi::AudioRendezvousCounters counters() {
        return agi::audio_counters(context().get_executor());
    }
    /// Runs in real time until this holds.
    template <class Condition>
    bool run_until(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        context().restart();
        while (!condition() && std::chrono::steady_clock::now() < end)
            context().run_one_for(std::chrono::milliseconds(10));
        return condition();
    }
    /// From now on the call's clock goes on by pass() only; before its audio begins.
    void stop_clock() {
        now_ = wheel().now();
        wheel().set_time(now_);
    }
    void pass(std::chrono::milliseconds time) {
        const auto step = std::chrono::milliseconds(20);
        for (; time > time.zero(); time -= step) {
            wheel().set_time(now_ += std::min(time, step));
            wheel().turn_by_hand();
            run();
        }
    }

private:
    agi::detail::TimerWheel& wheel() {
        return asio::use_service<agi::detail::TimerWheel>(context());
    }

    std::chrono::steady_clock::time_point now_;
};

}  // namespace costrix::test
