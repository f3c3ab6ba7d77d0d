// SPDX-License-Identifier: MIT
// Escapes bytes as `\xNN`, and undoes it.
#include "protocol/escape.hpp"

#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// At most `max_bytes` bytes, without the beginning of a UTF-8 character that ends beyond them.
std::string_view cut(std::string_view text, std::size_t max_bytes) noexcept {
    if (text.size() <= max_bytes)
        return text;
    const auto continues = [text](std::size_t at) { return (text[at] & 0xc0) == 0x80; };
    auto end = max_bytes;
    for (int i = 0; i < 3 && end > 0 && continues(end); ++i)
        --end;
    return text.substr(0, continues(end) ? max_bytes : end);
}

}  // namespace

void append_byte_as_hex(std::string& result, char byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    result.append("\\x").append({kHex[value >> 4], kHex[value & 15]});
}

void append_escaped(std::string& result, std::string_view text, Escaping how) {
    const auto copied_as_is = [how](char c) {
        return c >= 0x20 && c < 0x7f && (c != '\\' || !how.double_backslash);
    };
    const auto whole = text.size();
    text = cut(text, how.max_bytes);
    const bool shortened = text.size() < whole;
    while (!text.empty()) {
        const auto* const plain_end = std::find_if_not(text.begin(), text.end(), copied_as_is);
        auto size = static_cast<std::size_t>(plain_end - text.begin());
        if (size == 0)
            size = printable_prefix(text);
        if (size == 0 || (how.ascii_only && static_cast<unsigned char>(text.front()) >= 0x80)) {
            append_byte_as_hex(result, text.front());
            text.remove_prefix(1);
            continue;
        }
        if (text.front() == '\\' && how.double_backslash)
            result += '\\';
        result += text.substr(0, size);
        text.remove_prefix(size);
    }
    if (shortened)
        result += "…";
}

std::string unescape(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto byte = text.starts_with("\\x") ? hex_byte(text.substr(2)) : std::nullopt;
        result += byte.value_or(text.front());
        text.remove_prefix(byte ? 4 : text.starts_with("\\\\") ? 2 : 1);
    }
    return result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
