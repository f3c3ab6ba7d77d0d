// SPDX-License-Identifier: MIT
// Text from a peer, made safe for a log line.
#include "protocol/log_text.hpp"

#include "protocol/escape.hpp"

namespace costrix::agi::detail {
namespace {

/// At most `max_bytes` bytes, without the beginning of a UTF-8 character that ends beyond them.
std::string_view cut(std::string_view text, std::size_t max_bytes) noexcept {
    if (text.size() <= max_bytes)
        return text;
    auto end = max_bytes;
    const auto continues = [&] { return (text[end] & 0xc0) == 0x80; };
    for (int i = 0; i < 3 && end > 0 && continues(); ++i)
        --end;
    return text.substr(0, continues() ? max_bytes : end);
}

void append(std::string& line, std::string_view text, std::size_t max_bytes, Escaping how) {
    const auto shown = cut(text, max_bytes);
    append_escaped(line, shown, how);
    if (shown.size() < text.size())
        line += "…";
}

}  // namespace

std::string log_text(std::string_view text, std::size_t max_bytes) {
    std::string safe;
    append_log_text(safe, text, max_bytes);
    return safe;
}

void append_log_text(std::string& line, std::string_view text, std::size_t max_bytes) {
    append(line, text, max_bytes, {.double_backslash = true});
}

std::string log_message(std::string_view what) {
    constexpr std::size_t kMaxBytes = 600;
    std::string safe;
    append(safe, what, kMaxBytes, {});
    return safe;
}

}  // namespace costrix::agi::detail
