// SPDX-License-Identifier: MIT
// Text from a peer, made safe for a log line.
#include "protocol/log_text.hpp"

namespace costrix::agi::detail {

std::string log_text(std::string_view text, std::size_t most) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string safe;
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            safe.append("\\x") += kHex[byte >> 4], safe += kHex[byte & 15];
        else if (c == '\\')
            safe += "\\\\";
        else
            safe += c;
    }
    if (text.size() > most)
        safe += "…";
    return safe;
}

}  // namespace costrix::agi::detail
