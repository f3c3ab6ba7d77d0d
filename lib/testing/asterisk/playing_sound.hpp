// SPDX-License-Identifier: MIT
// Where a sound that is playing stands, in Asterisk's frames of 20 ms.
#pragma once

#include "testing/asterisk/call_state.hpp"

#include <costrix/agi/detail/config.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing::detail {

inline constexpr Time kFrame = std::chrono::milliseconds(20);

/// A sound that began to play; the first frame goes out at once.
class PlayingSound {
public:
    /// Begins at `now`, with `offset` of the sound skipped (clipped to the sound).
    PlayingSound(Time now, Time length, Time offset = {})
        : begun_(now), length_(length), offset_(std::clamp(offset, Time{}, length)) {}

    /// How long it plays.
    Time duration() const { return length_ - offset_; }
    /// How far into the file it is.
    Time position(Time now) const {
        if (now - begun_ >= duration())
            return length_;
        return std::min(length_, offset_ + ((now - begun_) / kFrame + 1) * kFrame);
    }

private:
    Time begun_;
    Time length_;
    Time offset_;
};

/// Whether the key is among the escape digits.
inline bool escapes(std::string_view digits, char key) {
    return digits.find(key) != std::string_view::npos;
}

/// `RESULT endpos=SAMPLES`.
inline std::string with_endpos(long result, Time position) {
    return std::to_string(result) + " endpos=" + std::to_string(samples(position));
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
