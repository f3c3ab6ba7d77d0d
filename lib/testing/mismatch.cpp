// SPDX-License-Identifier: MIT
// A mismatch in words.
#include "conversation_script.hpp"

#include <costrix/testing/mismatch.hpp>

#include <algorithm>
#include <utility>

namespace costrix::testing {
namespace {

std::string describe(const Mismatch::Details& details) {
    // The end is what matters of a long conversation.
    constexpr std::size_t kMostLines = 20;
    auto text = details.place.file() + ":" + std::to_string(details.place.line()) + ": step " +
                std::to_string(details.step) + " of " + std::to_string(details.steps) +
                " of the conversation, after " + detail::seconds_text(details.time) +
                "\n  expected: " + details.expected + "\n  came:     " + details.came + "\n";
    const auto& lines = details.so_far;
    const auto shown = std::min(lines.size(), kMostLines);
    text += shown < lines.size() ? "  the last of what was said before:\n"
            : shown > 0          ? "  so far:\n"
                                 : "  nothing was said before\n";
    std::for_each(lines.end() - static_cast<std::ptrdiff_t>(shown), lines.end(), [&](auto& line) {
        text += "    " + line + "\n";
    });
    return text;
}

}  // namespace

Mismatch::Mismatch(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

}  // namespace costrix::testing
