// SPDX-License-Identifier: MIT
// The audio lines of a recording: what Asterisk sent, what the caller heard, and whether a replay
// is heard as that was.
#pragma once

#include "testing/asterisk/audio_leg.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/testing/transcript.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// One audio line of a recording. Positions as in agi::AudioEvent.
struct RecordedAudio {
    using Time = std::chrono::nanoseconds;
    struct Received {
        Time at;
        std::string message;  ///< as on the wire; empty: Asterisk ends the line
    };
    struct Sent {
        std::size_t record;  ///< its line of the recording, from 1
        Time at;
        unsigned sample_rate;
        std::vector<std::int16_t> samples;
    };

    std::uint64_t line = 0;
    std::size_t opened = 0;  ///< at this line of the recording, from 1
    Time opened_at{};        ///< its position then
    std::vector<Received> received;
    std::vector<Sent> sent;
    std::optional<Time> ended_here;  ///< when the script ended it
    bool whole = false;              ///< false if the recording was cut off before its end
};

/// All of them, by their numbers.
std::map<std::uint64_t, std::shared_ptr<RecordedAudio>> recorded_audio(const Transcript& transcript
);

/// Where a replay is heard otherwise than the recording.
struct AudioDifference {
    std::size_t record;  ///< the line of the recording, from 1
    std::string expected, actual;
};

/// One audio line that is played again. The times are the player's.
class ReplayedAudio {
public:
    using Time = RecordedAudio::Time;

    explicit ReplayedAudio(std::shared_ptr<const RecordedAudio> recorded)
        : recorded_(std::move(recorded)) {}

    const RecordedAudio& recorded() const noexcept { return *recorded_; }
    /// The line is connected; its position 0 was at `origin`.
    void begin(Time origin) noexcept { origin_ = origin; }
    /// Asterisk sends no more.
    void stop() noexcept { next_ = recorded_->received.size(); }
    /// When Asterisk sends something; nullopt if it has sent everything.
    std::optional<Time> next_due() const noexcept;
    /// Appends what is due by `now`; false if Asterisk ends the line then.
    bool send_due(Time now, std::string& output);
    /// The script has sent this sound.
    void hear(const agi::AudioMessage& message);
    /// Compares what was heard; to be called at the end.
    std::optional<AudioDifference> difference() const;

private:
    std::shared_ptr<const RecordedAudio> recorded_;
    std::optional<Time> origin_;
    std::size_t next_ = 0;
    std::vector<RecordedAudio::Sent> heard_;
};

/// Where position 0 of a line is, on a clock that a test sets, when it is connected `now`: one
/// message before its first one, which is sent when the clock ticks next.
ReplayedAudio::Time origin_of_line(ReplayedAudio::Time now);

/// The audio connection that a command makes, if it makes one.
std::optional<AudioLeg::Kind> audio_of(const std::vector<std::string>& words);
/// Where that is to be connected to; `words` make one.
AudioAddress audio_address_of(const std::vector<std::string>& words);
/// A command without the address and UUID of its audio connection, which are others each time.
std::vector<std::string> without_audio_address(std::vector<std::string> words);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
