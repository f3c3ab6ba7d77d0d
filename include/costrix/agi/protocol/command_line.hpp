// SPDX-License-Identifier: MIT
// Builds one AGI command line: quotes arguments for Asterisk and enforces its limits.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// An AGI command line under construction, or the reason why it cannot be sent.
///
/// Asterisk splits a line at blanks; `"` toggles quoting and `\` makes the next character literal.
/// No command can carry a line feed or a NUL byte, more than 127 words overrun an array in
/// Asterisk, and it runs a line that exceeds its buffer as two commands (res_agi.c: parse_args,
/// AGI_BUF_LEN). Such lines are refused. The first fault is kept; after it, arguments are ignored.
class CommandLine {
public:
    /// Maximum number of words, including the command's name (res_agi.c: MAX_ARGS - 1).
    static constexpr std::size_t kMaxWords = 127;
    /// Maximum line length in bytes, without its LF, since mid-2025 (AGI_BUF_LEN 8192).
    static constexpr std::size_t kLargeBuffer = 8190;
    /// The same for earlier and unknown versions of Asterisk (AGI_BUF_LEN 2048).
    static constexpr std::size_t kSmallBuffer = 2046;

    /// The largest number that Asterisk accepts where it reads a C `int`.
    static constexpr std::int64_t kMaxNumber = 2'147'483'647;

    /// An empty line of up to `max_bytes` bytes. Reuses the capacity of `buffer`, not its contents.
    explicit CommandLine(std::size_t max_bytes = kSmallBuffer, std::string&& buffer = {}) noexcept;

    /// Appends words that need no quoting, such as "STREAM FILE".
    CommandLine& name(std::string_view words);

    /// Appends a quoted argument of any bytes but LF, CR and NUL; `what` names it in faults.
    CommandLine& argument(std::string_view value, std::string_view what);
    /// The same, but appends nothing for an empty value.
    CommandLine& optional_argument(std::string_view value, std::string_view what);

    /// Appends a number.
    CommandLine& number(std::int64_t value);
    /// Appends a number from `min` to kMaxNumber; `what` names it in faults. Asterisk would wrap a
    /// larger one.
    CommandLine& number(std::int64_t value, std::string_view what, std::int64_t min = 0);

    /// Appends a whole command as written, including its quotes.
    CommandLine& raw(std::string_view line);

    /// Records the fault "`what` `why`", unless there is one already.
    CommandLine& refuse(std::string_view what, std::string_view why);

    /// Appends a quoted set of DTMF keys (see is_dtmf()); `what` names it in faults.
    CommandLine& keys(std::string_view value, std::string_view what);

    /// Checks the line's length and ends it with LF. Append nothing after that.
    CommandLine& finish();

    /// True when there is no fault.
    bool ok() const noexcept { return fault_.empty(); }
    /// The first fault, such as "offset is negative"; empty when there is none.
    const std::string& fault() const noexcept { return fault_; }
    /// The line so far; includes its LF after finish().
    std::string_view text() const noexcept { return text_; }
    /// Moves the line out.
    std::string release() && noexcept { return std::move(text_); }

private:
    void separate();

    std::size_t max_bytes_;
    std::string text_;
    std::string fault_;
};

/// True for the characters of DTMF keys: 0-9, *, #, A-D.
bool is_dtmf(char key) noexcept;

/// The maximum length of a command, in bytes, for an Asterisk of this `agi_version`.
///
/// The larger buffer came with 20.16, 21.11, 22.6 and 23. A prefix is skipped
/// ("certified-22.8-cert1", "GIT-22-22.6.0-5-g1a2b3c"). Without a version, the smaller applies.
std::size_t command_limit(std::string_view agi_version) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
