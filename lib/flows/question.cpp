// SPDX-License-Identifier: MIT
// What may be set in a question, and the words for how one ended.
#include <costrix/agi/flows/confirm.hpp>
#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

void check_count(const char* what, int count, int min) {
    if (count < min)
        throw std::invalid_argument(
            std::string(what) + " is " + std::to_string(count) + ", but must be at least " +
            std::to_string(min)
        );
}

void check_time(const char* what, std::chrono::milliseconds time) {
    if (time < std::chrono::milliseconds(1) ||
        time > std::chrono::milliseconds(CommandLine::kMaxNumber))
        throw std::invalid_argument(
            std::string(what) + " is " + std::to_string(time.count()) +
            " ms, but must be from 1 ms to 2,147,483,647 ms"
        );
}

void check_keys(const char* what, const std::string& keys) {
    const auto wrong = std::find_if_not(keys.begin(), keys.end(), is_dtmf);
    if (wrong != keys.end())
        throw std::invalid_argument(
            std::string(what) + ": '" + *wrong + "' is no key; keys are 0-9 * # A-D"
        );
}

}  // namespace detail

std::string_view to_string(AnswerEnd end) noexcept {
    switch (end) {
    case AnswerEnd::given:
        return "given";
    case AnswerEnd::silence:
        return "silence";
    case AnswerEnd::invalid:
        return "invalid";
    case AnswerEnd::cancelled:
        return "cancelled";
    }
    return "?";
}

}  // namespace costrix::inline COSTRIX_ABI::agi
