// SPDX-License-Identifier: MIT
// Reads recorded sessions, `*.agi`, in the format of transcripts/FORMAT.md.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/audio_event.hpp>
#include <costrix/agi/protocol/transcript_format.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// The kind of a transcript's line.
enum class TranscriptKind {
    asterisk,        ///< Asterisk sent these bytes.
    script,          ///< The script sent these bytes.
    happening,       ///< An event off the wire.
    comment,         ///< A remark, or the time that passed.
    audio_received,  ///< Asterisk sent this on an audio line.
    audio_sent,      ///< The script sent this on an audio line.
};

/// One record of a transcript.
struct TranscriptRecord {
    TranscriptKind kind;  ///< Who sent it, or what it is.
    std::string text;     ///< Unescaped, without its line feed.
    bool whole;           ///< Whether a line feed followed.

    /// The bytes on the wire.
    std::string bytes() const { return whole ? text + "\n" : text; }
    /// The time in a comment such as `+1.50 s`; nullopt for other records.
    std::optional<std::chrono::nanoseconds> passed() const;
    /// Whether it is audio.
    bool is_audio() const noexcept {
        return kind == TranscriptKind::audio_received || kind == TranscriptKind::audio_sent;
    }
    /// Of audio: what passed; `bytes` keeps what its `bytes` refer to.
    agi::AudioEvent audio(std::string& bytes) const;
};

/// A recorded session.
class Transcript {
public:
    /// Reads a file; throws std::runtime_error if it cannot be opened or is malformed. That names
    /// the line, and within audio the character.
    [[nodiscard]] static Transcript read(const std::filesystem::path& file);
    /// The same for a text in memory.
    [[nodiscard]] static Transcript parse(std::string_view text);
    /// A transcript with these records.
    explicit Transcript(std::vector<TranscriptRecord> records);

    /// All records, in order.
    const std::vector<TranscriptRecord>& records() const noexcept { return records_; }
    /// The environment block: key without `agi_`, value; the first line of each key.
    std::map<std::string, std::string> environment() const;
    /// A header such as `scenario`, `shows`, `call`: the text after `# KEY: `; empty if absent.
    std::string header(std::string_view key) const;
    /// The value of KEY=VALUE in the header `call`, up to the next comma; empty if absent.
    std::string call_option(std::string_view key) const;
    /// The call as the header and the environment block describe it.
    ///
    /// It has the channel, the caller, the place in the dialplan, the arguments, how the call was
    /// placed, and its initial variables, but no later events (keys, hangups) and no dialplan.
    Scenario scenario() const;

private:
    std::vector<TranscriptRecord> records_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
