// SPDX-License-Identifier: MIT
// Parses a caller ID as people write it, `"Name" <number>`, by the rules of callerid.c.

#include "testing/asterisk/call_state.hpp"

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '*' || c == '#' || c == '+';
}

// A number may be written with blanks, brackets, dots and dashes.
std::string shrink(std::string_view text) {
    std::string number;
    for (const char c : text) {
        if (c != ' ' && c != '(' && c != ')' && c != '-' && c != '.')
            number += c;
    }
    return number;
}

bool is_phone_number(std::string_view text) {
    for (const char c : shrink(text)) {
        if (!is_number_char(c))
            return false;
    }
    return true;
}

std::string trim(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

// Removes a name's quotes, and the backslashes within them.
std::string unquote(const std::string& text) {
    if (text.empty() || text.front() != '"')
        return text;
    std::string name;
    for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        name += text[i];
    }
    return name;
}

}  // namespace

CallerId parse_caller_id(const std::string& text) {
    const auto open = text.rfind('<');
    const auto close = text.find('>', open == std::string::npos ? 0 : open);
    if (open != std::string::npos && close != std::string::npos) {
        const auto number = text.substr(open + 1, close - open - 1);
        return {unquote(trim(text.substr(0, open))), shrink(number)};
    }
    if (is_phone_number(text))
        return {"", shrink(text)};
    return {unquote(trim(text)), ""};
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
