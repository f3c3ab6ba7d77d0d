// SPDX-License-Identifier: MIT
// Reads recorded sessions, `*.agi`, whose format is that of transcripts/FORMAT.md.
#pragma once

#include <costrix/agi/detail/config.hpp>
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

/// Who or what a line of a transcript is about.
enum class TranscriptKind {
    asterisk,   ///< Asterisk sent these bytes.
    script,     ///< The script sent these bytes.
    happening,  ///< Something happened off the wire.
    comment,    ///< A remark, or the time that passed.
};

/// One record of a transcript.
struct TranscriptRecord {
    TranscriptKind kind;
    std::string text;  ///< Unescaped, without its line feed.
    bool whole;        ///< Whether a line feed came after it.

    /// The bytes as they went over the wire.
    std::string bytes() const { return whole ? text + "\n" : text; }
    /// The time that a comment such as `+1.50 s` says has passed; nullopt for other records.
    std::optional<std::chrono::nanoseconds> passed() const;
};

/// A recorded session.
class Transcript {
public:
    /// Reads a file; throws std::runtime_error when it cannot be opened or makes no sense.
    [[nodiscard]] static Transcript read(const std::filesystem::path& file);
    /// The same of a text in memory.
    [[nodiscard]] static Transcript parse(std::string_view text);
    /// A transcript of these records.
    explicit Transcript(std::vector<TranscriptRecord> records);

    /// All records, in order.
    const std::vector<TranscriptRecord>& records() const noexcept { return records_; }
    /// The environment block: key without `agi_`, value; the first mention of each key.
    std::map<std::string, std::string> environment() const;
    /// A header such as `scenario`, `shows`, `call`: the text after `# KEY: `; empty without.
    std::string header(std::string_view key) const;
    /// The value of KEY=VALUE in the header `call`, up to the next comma; empty without.
    std::string call_option(std::string_view key) const;
    /// The call as the header and the environment block describe it.
    ///
    /// Channel, caller, place, arguments, how it was placed and the variables it began with. What
    /// happens later (keys, hangups) and what the dialplan holds is not in there.
    Scenario scenario() const;

private:
    std::vector<TranscriptRecord> records_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
