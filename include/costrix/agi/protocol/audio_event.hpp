// SPDX-License-Identifier: MIT
// What passes on a call's audio lines, for observers and recordings.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// Something that passed on an audio line.
struct AudioEvent {
    /// The kinds of event.
    enum class Kind : std::uint8_t {
        open,     ///< Asterisk has connected the line.
        samples,  ///< Sound. Silence that only fills a gap is no event.
        key,      ///< The caller has pressed a key.
        end,      ///< The line has ended: by us (`sent`), or by Asterisk.
    };

    Kind kind = Kind::end;   ///< What passed.
    bool sent = false;       ///< True if we sent it, and the caller hears it.
    std::uint64_t line = 0;  ///< The line: the same number in all its events, and in no other's.
    /// When, on the line's own clock: in the first 20 ms before our first message is due, in the
    /// next 20 ms before the second one, and so on. A stall of the program does not count.
    std::chrono::nanoseconds position{};
    unsigned sample_rate = 0;  ///< Of samples, in Hz; otherwise 0.
    /// Samples of 16 bits, little-endian; a key; or nothing. Valid during the call.
    std::string_view bytes = {};

    /// True for samples that are all 0.
    bool silent() const noexcept {
        constexpr std::string_view kZero("\0", 1);
        return kind == Kind::samples && bytes.find_first_not_of(kZero) == std::string_view::npos;
    }
};

/// Appends the event to a transcript, as one line in the format of transcripts/FORMAT.md.
void append_transcript_audio(std::string& transcript, const AudioEvent& event);

/// The event of a transcript's line; `bytes` keeps what its `bytes` refer to.
///
/// `text` is what follows the mark and a blank. Throws std::runtime_error, which names the
/// character of the line, for anything that append_transcript_audio() does not write.
[[nodiscard]] AudioEvent
parse_transcript_audio(bool sent, std::string_view text, std::string& bytes);

}  // namespace costrix::inline COSTRIX_ABI::agi
