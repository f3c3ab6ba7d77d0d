// SPDX-License-Identifier: MIT
// Parses the W3C's traceparent.
#include <costrix/agi/protocol/trace_parent.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

std::optional<TraceParent> parse_trace_parent(std::string_view text) noexcept {
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::size_t kSize = 55;  // of version 00; later ones may append more after a '-'
    const auto part = [text](std::size_t at, std::size_t size) { return text.substr(at, size); };
    const auto hex = [kHex](std::string_view digits) {
        return digits.find_first_not_of(kHex) == std::string_view::npos;
    };
    const auto zero = [](std::string_view digits) {
        return digits.find_first_not_of('0') == std::string_view::npos;
    };
    if (text.size() < kSize || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    const auto version = part(0, 2), flags = part(53, 2);
    const TraceParent parsed{part(3, 32), part(36, 16), (kHex.find(flags[1]) & 1) != 0};
    const bool ends = text.size() == kSize || (version != "00" && text[kSize] == '-');
    if (!ends || version == "ff" || !hex(version) || !hex(flags) || !hex(parsed.trace_id) ||
        !hex(parsed.parent_id) || zero(parsed.trace_id) || zero(parsed.parent_id))
        return std::nullopt;
    return parsed;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
