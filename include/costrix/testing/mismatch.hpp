// SPDX-License-Identifier: MIT
// The exception for a conversation that deviates from its script.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <cstddef>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// The line of a step: in a test's source, or in a recording.
class SourceLine {
public:
    /// A line of a file, counted from 1.
    SourceLine(std::string file, std::size_t line) : file_(std::move(file)), line_(line) {}
    /// A line of a source of C++.
    SourceLine(const std::source_location& here) : SourceLine(here.file_name(), here.line()) {}

    const std::string& file() const noexcept { return file_; }  ///< The file's name.
    std::size_t line() const noexcept { return line_; }         ///< The line's number, from 1.

private:
    std::string file_;
    std::size_t line_;
};

/// A handler deviated from the conversation that a test expects.
///
/// what() describes it completely, with the conversation up to that step.
class Mismatch : public std::runtime_error {
public:
    /// The details of a Mismatch.
    struct Details {
        SourceLine where;                 ///< Of the step.
        std::size_t step;                 ///< Its number, from 1.
        std::size_t steps;                ///< How many there are.
        std::chrono::nanoseconds time;    ///< Since the start of the call, on its own clock.
        std::string expected;             ///< What the test expects, in words.
        std::string actual;               ///< What the handler did instead.
        std::vector<std::string> so_far;  ///< Earlier lines: `> ` the script's, `< ` Asterisk's.
    };

    explicit Mismatch(Details details);  ///< With what() made from `details`.

    /// The source line of the expectation.
    const SourceLine& where() const noexcept { return details_.where; }
    std::size_t step() const noexcept { return details_.step; }  ///< The step's number, from 1.
    /// What the test expects, in words.
    const std::string& expected() const noexcept { return details_.expected; }
    /// What the handler did instead.
    const std::string& actual() const noexcept { return details_.actual; }

private:
    Details details_;
};

/// Called with each Mismatch before it is thrown; may throw another exception instead.
using MismatchReporter = void (*)(const Mismatch&);

/// Sets the reporter of this process (nullptr: none) and returns the previous one.
///
/// For adapters to test frameworks, such as <costrix/testing/gtest.hpp>. Thread safety: safe.
MismatchReporter set_mismatch_reporter(MismatchReporter report) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::testing
