// SPDX-License-Identifier: MIT
// A back end's sample that a test runs and calls.
#pragma once

#include "support/child_process.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {

/// A program that prints "… port N" for each port it listens on. What it prints goes to a file: a
/// pipe that nobody reads would hold it up.
class Service {
public:
    explicit Service(std::vector<std::string> command) : program_(logging(std::move(command))) {}
    ~Service() { std::remove(log_.c_str()); }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// The number behind `text`, which the program must print within half a minute.
    std::uint16_t number_behind(const std::string& text) {
        std::string said;
        const auto says_it = [&] {
            said = output();
            const auto at = said.find(text);
            return at != std::string::npos && said.find('\n', at) != std::string::npos;
        };
        const bool printed = eventually(says_it) || eventually(says_it) || eventually(says_it);
        EXPECT_TRUE(printed) << said;
        if (!printed)
            return 0;
        return static_cast<std::uint16_t>(std::atoi(said.c_str() + said.find(text) + text.size()));
    }
    std::uint16_t port() { return number_behind("listening on port "); }
    /// Everything it has printed so far.
    std::string output() const {
        std::ostringstream text;
        text << std::ifstream(log_).rdbuf();
        return text.str();
    }
    void signal(int number) { program_.signal(number); }
    /// Waits for its end; its exit status.
    int wait() { return program_.wait(); }

private:
    std::vector<std::string> logging(std::vector<std::string> command) {
        std::string pattern = (std::filesystem::temp_directory_path() / "costrix-XXXXXX").string();
        close(mkstemp(pattern.data()));
        log_ = pattern;
        command.insert(command.begin(), {"/bin/sh", "-c", "exec \"$@\" >\"$0\" 2>&1", log_});
        return command;
    }

    std::string log_;
    ChildProcess program_;
};

#ifdef COSTRIX_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// Within this time a call is answered by a server that nothing blocks, with 1,000 others and on a
/// busy machine.
constexpr std::chrono::seconds kAtOnce(4);

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
