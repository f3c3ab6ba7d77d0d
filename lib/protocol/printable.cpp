// SPDX-License-Identifier: MIT
// Decodes UTF-8 as far as needed to tell printable characters from all others.
#include "protocol/escape.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// What the first byte of a UTF-8 sequence says.
struct Lead {
    std::size_t length;  ///< Of the sequence, in bytes; 0 when no sequence begins so.
    std::uint32_t bits;  ///< The byte's share of the code point.
    std::uint32_t min;   ///< The smallest code point that needs this length.
};

constexpr Lead lead(unsigned char byte) noexcept {
    if (byte < 0x80)
        return {1, byte, 0};
    if (byte >> 5 == 0x6)
        return {2, byte & 0x1fU, 0x80};
    if (byte >> 4 == 0xe)
        return {3, byte & 0xfU, 0x800};
    if (byte >> 3 == 0x1e)
        return {4, byte & 0x7U, 0x10000};
    return {0, 0, 0};
}

constexpr bool is_printable(std::uint32_t code) noexcept {
    constexpr struct {
        std::uint32_t first, last;
    } kNot[]{
        {0x00, 0x1f},      // C0
        {0x7f, 0x9f},      // DEL, C1
        {0x61c, 0x61c},    // Arabic letter mark
        {0x200e, 0x200f},  // left-to-right, right-to-left mark
        {0x2028, 0x202e},  // line and paragraph separator; embeddings and overrides
        {0x2066, 0x2069},  // isolates
        {0xd800, 0xdfff},  // surrogates
        {0x110000, ~0U},
    };
    return std::none_of(std::begin(kNot), std::end(kNot), [code](const auto& range) {
        return code >= range.first && code <= range.last;
    });
}

}  // namespace

std::size_t printable_prefix(std::string_view text) noexcept {
    if (text.empty())
        return 0;
    auto [length, code, min] = lead(static_cast<unsigned char>(text.front()));
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >> 6 != 0x2)
            return 0;
        code = code << 6 | (byte & 0x3fU);
    }
    return code >= min && is_printable(code) ? length : 0;
}

std::string printable(std::string_view text) {
    std::string result;
    detail::append_escaped(result, text, {});
    return result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
