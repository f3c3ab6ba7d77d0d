// SPDX-License-Identifier: MIT
// A back end's sample that a test runs and calls.
#pragma once

#include "support/child_process.hpp"
#include "support/tcp_peer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {

/// Runs a program that prints "… port N" for each port it listens on.
class Service {
public:
    explicit Service(std::vector<std::string> command) : program_(std::move(command)) {}

    /// The number behind `text`, which the program must print within ten seconds.
    std::uint16_t number_behind(const std::string& text) {
        EXPECT_TRUE(program_.wait_for(text)) << program_.output();
        const auto at = program_.output().find(text);
        if (at == std::string::npos)
            return 0;
        return static_cast<std::uint16_t>(std::atoi(program_.output().c_str() + at + text.size()));
    }
    std::uint16_t port() { return number_behind("listening on port "); }
    ChildProcess& program() noexcept { return program_; }

private:
    ChildProcess program_;
};

/// How long `what` takes.
template <class What>
std::chrono::milliseconds time_of(What what) {
    const auto begin = std::chrono::steady_clock::now();
    what();
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin
    );
}

}  // namespace costrix::test
