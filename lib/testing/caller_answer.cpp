// SPDX-License-Identifier: MIT
// Which commands take keys, and how: STREAM FILE, SAY, WAIT FOR DIGIT, GET DATA, RECORD FILE …
#include "testing/caller_answer.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"

#include <algorithm>
#include <array>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using Words = std::vector<std::string>;

/// A command that takes keys, and where its words say which.
struct Prompt {
    std::string_view first, second;
    std::size_t keys;     ///< The index of the escape digits.
    bool tells_position;  ///< Its answer has an endpos.
};

constexpr std::array<Prompt, 11> kPrompts{{
    {"STREAM", "FILE", 3, true},
    {"CONTROL", "STREAM", 4, true},
    {"GET", "OPTION", 3, true},
    {"RECORD", "FILE", 4, true},
    {"SAY", "ALPHA", 3, false},
    {"SAY", "DATE", 3, false},
    {"SAY", "DATETIME", 3, false},
    {"SAY", "DIGITS", 3, false},
    {"SAY", "NUMBER", 3, false},
    {"SAY", "PHONETIC", 3, false},
    {"SAY", "TIME", 3, false},
}};

std::string word(const Words& command, std::size_t index) {
    return index < command.size() ? command[index] : std::string();
}

bool is(const Words& command, std::string_view first, std::string_view second) {
    return lower(word(command, 0)) == lower(first) && lower(word(command, 1)) == lower(second);
}

const Prompt* prompt_of(const Words& command) {
    const auto found = std::find_if(kPrompts.begin(), kPrompts.end(), [&](const Prompt& prompt) {
        return is(command, prompt.first, prompt.second);
    });
    return found == kPrompts.end() ? nullptr : &*found;
}

std::string answer(int code, const char* why, bool position, std::chrono::nanoseconds elapsed) {
    auto text = "200 result=" + std::to_string(code) + why;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(elapsed).count();
    if (position)
        text += " endpos=" + std::to_string(8 * ms);
    return text;
}

/// GET DATA ends with `#` or the most digits, else by the time.
std::string entered(const Words& command, std::string_view keys) {
    const int max = as_int(word(command, 4));
    const auto end = keys.find('#');
    const auto digits = std::string(keys.substr(0, end));
    const bool full = max > 0 && digits.size() >= static_cast<std::size_t>(max);
    return "200 result=" + digits + (full || end != keys.npos ? "" : " (timeout)");
}

}  // namespace

std::optional<std::string>
answer_to_keys(const Words& command, std::string_view keys, std::chrono::nanoseconds elapsed) {
    if (is(command, "GET", "DATA"))
        return entered(command, keys);
    if (keys.size() != 1)
        return std::nullopt;
    if (is(command, "WAIT", "FOR"))
        return answer(keys.front(), "", false, elapsed);
    const auto* const prompt = prompt_of(command);
    if (!prompt || word(command, prompt->keys).find(keys) == std::string::npos)
        return std::nullopt;
    const bool records = prompt->first == "RECORD";
    return answer(keys.front(), records ? " (dtmf)" : "", prompt->tells_position, elapsed);
}

std::optional<std::string>
answer_to_silence(const Words& command, std::chrono::nanoseconds elapsed) {
    if (is(command, "GET", "DATA"))
        return "200 result= (timeout)";
    if (is(command, "WAIT", "FOR"))
        return "200 result=0";
    const auto* const prompt = prompt_of(command);
    if (!prompt)
        return std::nullopt;
    const bool records = prompt->first == "RECORD";
    return answer(0, records ? " (timeout)" : "", prompt->tells_position, elapsed);
}

std::chrono::nanoseconds silence_of(const Words& command) {
    const bool waits = is(command, "WAIT", "FOR") || is(command, "GET", "DATA");
    return std::chrono::milliseconds(waits ? std::max(as_int(word(command, 3)), 0) : 0);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
