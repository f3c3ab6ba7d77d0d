// SPDX-License-Identifier: MIT
// The action that records the caller: RecordFile.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>
#include <costrix/agi/protocol/command_table.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Records the caller to a file (RECORD FILE).
///
/// A hangup is the usual end of a voice mail, so it is a result here and not an exception.
/// Throws: AGIAppError when the file cannot be written, or no audio arrives from the caller.
class RecordFile : public detail::WithEscapeDigits<RecordFile> {
public:
    static constexpr std::string_view command = "RECORD FILE";

    /// What ended the recording.
    enum class StoppedBy : std::uint8_t {
        key,      ///< An escape digit, or any key during the beep. See Result::key.
        timeout,  ///< The longest time: timeout().
        silence,  ///< The caller was silent for as long as silence().
        hangup,   ///< The caller hung up.
    };

    /// What ended the recording, and its length.
    struct Result {
        StoppedBy stopped_by = StoppedBy::timeout;  ///< What ended the recording.
        std::optional<char> key;                    ///< The key that ended it, if one did.
        Samples endpos;                             ///< The length of the file.
    };

    /// A file name without extension, and a format such as "wav" or "gsm". The directory must
    /// exist.
    explicit RecordFile(std::string file, std::string format = "wav")
        : file_(std::move(file)), format_(std::move(format)) {}
    /// The maximum length of the recording, at least 1 ms; unlimited by default.
    RecordFile& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    /// Keeps the beginning of an existing file and appends to it; nothing is kept by default.
    RecordFile& offset(Samples kept) noexcept {
        offset_ = kept;
        return *this;
    }
    /// Whether to beep first; true by default.
    RecordFile& beep(bool on) noexcept {
        beep_ = on;
        return *this;
    }
    /// The length of silence that ends it, at least 1 s; by default, silence does not end it.
    RecordFile& silence(std::chrono::seconds time) noexcept {
        silence_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

    /// A hangup is a result, so the session need not tell it from a failure.
    static constexpr CommandTraits traits{};

private:
    std::string file_;
    std::string format_;
    std::optional<std::chrono::milliseconds> timeout_;
    Samples offset_;
    std::optional<std::chrono::seconds> silence_;
    bool beep_ = true;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
