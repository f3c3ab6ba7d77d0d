// SPDX-License-Identifier: MIT
// How long a route look-up takes among few and many patterns.
#include <costrix/agi/router.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

/// Nanoseconds for a look-up among so many patterns, each with a literal beginning of its own.
double look_up(int patterns) {
    costrix::agi::Router router;
    for (int i = 0; i < patterns; ++i) {
        router.register_script_handler(
            "menu/" + std::to_string(i) + "/(\\d+)",
            [](costrix::agi::AGI&, const costrix::agi::Request&) -> asio::awaitable<void> {
                return {};
            }
        );
    }
    constexpr int kRounds = 200'000;
    int found = 0;
    const auto began = Clock::now();
    for (int round = 0; round < kRounds; ++round) {
        const auto path = "menu/" + std::to_string(round % patterns) + "/7";
        found += static_cast<bool>(router.get_script_handler(path));
    }
    const std::chrono::duration<double, std::nano> took = Clock::now() - began;
    return found == kRounds ? took.count() / kRounds : -1;
}

}  // namespace

int main() {
    for (const int patterns : {1, 10, 100, 1000, 10000})
        std::cout << patterns << " patterns: " << look_up(patterns) << " ns\n";
}
