// SPDX-License-Identifier: MIT
// Recognizes the command that a line begins with.
#include "protocol/ascii.hpp"
#include "protocol/words.hpp"

#include <costrix/agi/protocol/command_table.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

CommandTraits traits_of_line(std::string_view line) {
    constexpr int kMaxNameWords = 3;
    std::string words;  // with a blank after each; a quoted blank becomes '_', which no name has
    for (int i = 0; i < kMaxNameWords; ++i) {
        detail::take_word(line, [&](char c) { words += detail::is_blank(c) ? '_' : c; });
        words += ' ';
    }
    for (const auto& [name, traits] : kCommandTable) {
        if (detail::starts_with_ignoring_case(words, name) && words[name.size()] == ' ')
            return command_traits(name);
    }
    return {};
}

}  // namespace costrix::inline COSTRIX_ABI::agi
