// SPDX-License-Identifier: MIT
// A mismatch in words.
#include "testing/conversation_script.hpp"

#include <costrix/testing/mismatch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

std::string describe(const Mismatch::Details& details) {
    // The end is what matters of a long conversation.
    constexpr std::size_t kMaxLines = 20;
    const auto step = details.steps == 0
                          ? std::string("the conversation has no steps")
                          : "step " + std::to_string(details.step) + " of " +
                                std::to_string(details.steps) + " of the conversation";
    auto text = details.where.file() + ":" + std::to_string(details.where.line()) + ": " + step +
                ", after " + detail::seconds_text(details.time) +
                "\n  expected: " + details.expected + "\n  actual:   " + details.actual + "\n";
    const auto& lines = details.so_far;
    const auto shown = std::min(lines.size(), kMaxLines);
    text += shown < lines.size() ? "  the last of what was said before:\n"
            : shown > 0          ? "  so far:\n"
                                 : "  nothing was said before\n";
    std::for_each(lines.end() - static_cast<std::ptrdiff_t>(shown), lines.end(), [&](auto& line) {
        text += "    " + line + "\n";
    });
    return text;
}

std::atomic<MismatchReporter> reporter = nullptr;

}  // namespace

std::string detail::seconds_text(std::chrono::nanoseconds time) {
    std::array<char, 32> text{};
    const std::chrono::duration<double> seconds = time;
    std::snprintf(text.data(), text.size(), "%.2f s", seconds.count());
    return text.data();
}

MismatchReporter set_mismatch_reporter(MismatchReporter report) noexcept {
    return reporter.exchange(report);
}

void detail::report(const Mismatch& mismatch) {
    if (const auto report = reporter.load())
        report(mismatch);
}

Mismatch::Mismatch(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

}  // namespace costrix::inline COSTRIX_ABI::testing
