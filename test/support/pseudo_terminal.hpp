// SPDX-License-Identifier: MIT
// A program that a test starts in a terminal of its own, types into, and looks at.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace costrix::test {

/// Runs a program in a pseudo-terminal of 80 columns and 24 rows; killed when this goes.
class PseudoTerminal {
public:
    explicit PseudoTerminal(std::vector<std::string> command);
    ~PseudoTerminal();
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    /// Waits until the screen shows the text; false when that takes too long.
    bool shows(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(20));
    /// Waits until the screen no longer shows the text; false when that takes too long.
    bool hides(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(20));
    /// What was drawn last, without its colours; and what was printed after it.
    [[nodiscard]] std::string screen() const;
    /// Whether it has left the terminal as a shell wants it: cursor on, lines edited and echoed.
    [[nodiscard]] bool restored() const;
    void type(const std::string& keys);
    void resize(unsigned short columns, unsigned short rows);
    /// Waits for its end, reading on; its exit status, or minus the signal that ended it.
    int wait();

private:
    bool wait_until(const std::string& text, bool there, std::chrono::seconds patience);
    bool read_some(std::chrono::milliseconds patience);

    pid_t pid_ = -1;
    int terminal_ = -1;
    int inside_ = -1;  ///< the program's side, kept open so that its settings can be looked at
    std::string output_;
};

}  // namespace costrix::test
