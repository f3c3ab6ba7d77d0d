// SPDX-License-Identifier: MIT
// A program that a test starts, reads from, and ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace costrix::test {

/// Runs a program with its standard output and error to be read here; killed when this goes.
class ChildProcess {
public:
    explicit ChildProcess(std::vector<std::string> command);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Reads until `text` has been printed and its line ended; false when that takes too long.
    bool
    wait_for(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(10));
    /// Everything it has printed so far.
    const std::string& output() const noexcept { return output_; }
    /// Does nothing once it has been waited for.
    void signal(int number);
    /// Waits for its end, reading on; its exit status, or minus the signal that ended it.
    int wait();

private:
    bool read_some(std::chrono::milliseconds patience);

    pid_t pid_ = -1;
    int pipe_ = -1;
    std::string output_;
};

}  // namespace costrix::test
