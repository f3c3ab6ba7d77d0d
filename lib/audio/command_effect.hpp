// SPDX-License-Identifier: MIT
// What a command means for audio that goes on while commands run.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

enum class CommandEffect : std::uint8_t {
    none,      ///< It is not heard.
    prompt,    ///< It plays or records, and ends what PlayTones plays.
    other,     ///< It runs what is not known here. PlayTones would keep that from being heard.
    connects,  ///< It connects the caller with others, or sends them away.
};

/// Of a whole command line.
CommandEffect effect_of(std::string_view line) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
