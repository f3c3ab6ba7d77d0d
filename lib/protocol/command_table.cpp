// SPDX-License-Identifier: MIT
// Recognises the command that a line begins with.
#include <costrix/agi/protocol/command_table.hpp>

#include <algorithm>

namespace costrix::agi {
namespace {

char upper(char byte) noexcept {
    return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
}

bool begins_with(std::string_view line, std::string_view name) noexcept {
    const auto same = [](char a, char b) { return upper(a) == b; };
    return line.size() >= name.size() &&
           std::equal(line.begin(), line.begin() + name.size(), name.begin(), same) &&
           (line.size() == name.size() || line[name.size()] == ' ' || line[name.size()] == '\n');
}

}  // namespace

CommandTraits traits_of_line(std::string_view line) noexcept {
    const auto found =
        std::find_if(kCommandTable.begin(), kCommandTable.end(), [&](const auto& entry) {
            return begins_with(line, entry.name);
        });
    return found == kCommandTable.end() ? CommandTraits{} : found->traits;
}

}  // namespace costrix::agi
