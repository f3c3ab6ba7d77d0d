// SPDX-License-Identifier: MIT
// Recognises the command that a line begins with.
#include <costrix/agi/protocol/command_table.hpp>

#include <algorithm>
#include <string>

namespace costrix::agi {
namespace {

char upper(char byte) noexcept {
    return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
}

bool is_blank(char byte) noexcept {
    return byte == ' ' || byte == '\t';
}

/// Takes the next word off `line`, as Asterisk splits it (res_agi.c: parse_args), and appends it in
/// upper case. What could be mistaken for the end of a word becomes something that no name has.
void take_word(std::string_view& line, std::string& to) {
    bool quoted = false;
    std::size_t at = 0;
    for (; at < line.size() && (quoted || !is_blank(line[at])) && line[at] != '\n'; ++at) {
        if (line[at] == '"') {
            quoted = !quoted;
            continue;
        }
        if (line[at] == '\\' && ++at == line.size())
            break;
        to += is_blank(line[at]) ? '_' : upper(line[at]);
    }
    line.remove_prefix(at);
}

constexpr std::size_t kMostWords = 3;  // of a command's name

/// The first words of a command, with a blank after each.
std::string first_words(std::string_view line) {
    std::string words;
    for (std::size_t i = 0; i < kMostWords; ++i) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        take_word(line, words);
        words += ' ';
    }
    return words;
}

}  // namespace

CommandTraits traits_of_line(std::string_view line) {
    const auto words = first_words(line);
    const auto found =
        std::find_if(kCommandTable.begin(), kCommandTable.end(), [&](const auto& entry) {
            return words.starts_with(entry.name) && words[entry.name.size()] == ' ';
        });
    return found == kCommandTable.end() ? CommandTraits{} : found->traits;
}

}  // namespace costrix::agi
