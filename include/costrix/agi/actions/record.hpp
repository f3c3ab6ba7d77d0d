// SPDX-License-Identifier: MIT
// Actions that record the caller: RecordFile.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Records what the caller says into a file (RECORD FILE).
///
/// It ends by a key, by the time, by silence or by the caller's hangup. A caller who hangs up is
/// the usual end of a voice mail: it is no exception here, and the recording is there. Throws:
/// AGIAppError when the file cannot be written, or nothing can be heard of the caller.
class RecordFile {
public:
    static constexpr std::string_view command = "RECORD FILE";

    /// Why the recording ended.
    enum class End : std::uint8_t {
        key,       ///< A key: an escape digit, or any during the beep. See Result::key.
        time_out,  ///< The time was over.
        silence,   ///< The caller was silent for as long as silence() says.
        hangup,    ///< The caller hung up.
    };

    struct Result {
        End end = End::time_out;
        std::optional<char> key;
        std::int64_t endpos = 0;  ///< The length of the file, in samples (8 per ms at 8 kHz).
    };

    /// A file name without extension, and a format such as "wav" or "gsm". Asterisk makes no
    /// directories.
    explicit RecordFile(std::string file, std::string format = "wav")
        : file_(std::move(file)), format_(std::move(format)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    RecordFile& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// The longest recording, 1 ms or more; without, there is no limit.
    RecordFile& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    /// Appends to the file after so many samples.
    RecordFile& offset(std::int64_t samples) noexcept {
        offset_ = samples;
        return *this;
    }
    /// Whether a beep comes first; it does by default.
    RecordFile& beep(bool on) noexcept {
        beep_ = on;
        return *this;
    }
    /// Ends after so many seconds of silence, 1 or more.
    RecordFile& silence(std::chrono::seconds time) noexcept {
        silence_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

    /// A hangup is a result here, so the session need not tell it from a failure.
    static constexpr CommandTraits traits{};

private:
    std::string file_;
    std::string format_;
    std::string escape_digits_;
    std::optional<std::chrono::milliseconds> timeout_;
    std::int64_t offset_ = 0;
    std::optional<std::chrono::seconds> silence_;
    bool beep_ = true;
};

}  // namespace costrix::agi
