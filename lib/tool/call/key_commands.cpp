// SPDX-License-Identifier: MIT
// Which commands listen for keys, and how one of them reads to people.
#include "tool/call/key_commands.hpp"

#include "protocol/ascii.hpp"
#include "tool/formatting.hpp"

#include <costrix/testing/asterisk_tokenizer.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace costrix::tool {
namespace {

using Words = std::vector<std::string>;

/// A command that takes keys: always, or those in one of its words.
struct KeyCommand {
    std::string_view name;
    std::size_t escape_digits;  ///< which word has them; 0: it takes every key
};

constexpr std::array<KeyCommand, 14> kKeyCommands{{
    {"control stream file", 4},
    {"get data", 0},
    {"get option", 3},
    {"record file", 4},
    {"say alpha", 3},
    {"say date", 3},
    {"say datetime", 3},
    {"say digits", 3},
    {"say number", 3},
    {"say phonetic", 3},
    {"say time", 3},
    {"stream file", 3},
    {"wait for digit", 0},
    {"exec", 0},
}};

/// Applications that take keys; what others do is not known here.
constexpr std::array<std::string_view, 3> kKeyApplications{"background", "read", "waitexten"};

std::string word(const Words& words, std::size_t index) {
    return index < words.size() ? words[index] : std::string();
}

const KeyCommand* find(const Words& words, std::string_view line) {
    const auto* const found =
        std::find_if(kKeyCommands.begin(), kKeyCommands.end(), [&](const KeyCommand& row) {
            return agi::detail::starts_with_ignoring_case(line, row.name) &&
                   (line.size() == row.name.size() || line[row.name.size()] == ' ');
        });
    if (found == kKeyCommands.end())
        return nullptr;
    if (found->name == "exec") {
        const auto known = [&](std::string_view name) {
            return agi::detail::equal_ignoring_case(name, word(words, 1));
        };
        return std::any_of(kKeyApplications.begin(), kKeyApplications.end(), known) ? found
                                                                                    : nullptr;
    }
    return found;
}

/// A command's timeout, given in milliseconds.
std::string patience(const std::string& milliseconds, const std::string& none) {
    const auto value = std::atol(milliseconds.c_str());
    if (value < 0)
        return "for ever";
    return value == 0 ? none : short_duration(std::chrono::milliseconds(value));
}

}  // namespace

bool listens(std::string_view line) {
    const auto words = testing::split_as_asterisk(line).words;
    const auto* const found = find(words, line);
    return found != nullptr &&
           (found->escape_digits == 0 || !word(words, found->escape_digits).empty());
}

std::string describe_wait(std::string_view line) {
    const auto words = testing::split_as_asterisk(line).words;
    const auto* const found = find(words, line);
    if (!listens(line))
        return {};
    if (found->name == "get data") {
        const auto max = word(words, 4);
        const auto keys =
            max.empty() ? std::string("keys") : "up to " + max + (max == "1" ? " key" : " keys");
        return "wants " + keys + (max == "1" ? "" : ", # ends them") + "; waits " +
               patience(word(words, 3), "6 s");
    }
    if (found->name == "wait for digit")
        return "wants a key; waits " + patience(word(words, 3), "not at all");
    if (found->escape_digits == 0)
        return "takes keys";
    const auto wait =
        found->name == "get option" ? "; waits " + patience(word(words, 4), "5 s") : "";
    return "takes one of the keys " + printable(word(words, found->escape_digits)) + wait;
}

}  // namespace costrix::tool
