// SPDX-License-Identifier: MIT
// Builds one AGI command line: arguments quoted as Asterisk reads them, its limits enforced.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::agi {

/// One AGI command on its way to the wire, or the reason why it cannot go there.
///
/// Asterisk splits a line at blanks; `"` toggles quoting and `\` makes the next character literal.
/// Nothing can carry a line feed or a NUL, more than 127 words overrun an array in Asterisk, and a
/// line longer than its buffer is run as two commands (res_agi.c: parse_args, AGI_BUF_LEN). So such
/// a line is refused here: the first fault is kept, and what follows it is ignored.
class CommandLine {
public:
    /// Most words in a line, those of the command's name included (res_agi.c: MAX_ARGS - 1).
    static constexpr std::size_t kMaxWords = 127;
    /// Most bytes in a line, without its LF, for an Asterisk since mid-2025 (AGI_BUF_LEN 8192).
    static constexpr std::size_t kLargeBuffer = 8190;
    /// The same for an earlier one (AGI_BUF_LEN 2048), and for one whose version is not known.
    static constexpr std::size_t kSmallBuffer = 2046;

    /// The largest number of milliseconds, seconds and the like that Asterisk takes.
    static constexpr std::int64_t kMostNumber = 2'147'483'647;

    /// An empty line. `buffer` lends its capacity; its contents are dropped.
    explicit CommandLine(std::size_t max_bytes = kSmallBuffer, std::string&& buffer = {}) noexcept;

    /// Appends the command's name: words that need no quoting, such as "STREAM FILE".
    CommandLine& name(std::string_view words);

    /// Appends one argument of any bytes but LF, CR and NUL, quoted; `what` names it in errors.
    CommandLine& argument(std::string_view value, std::string_view what);

    /// Appends one number.
    CommandLine& number(std::int64_t value);

    /// Appends a number that Asterisk reads into an `int`, which wraps: one below `least` or above
    /// kMostNumber is refused; `what` names it in errors.
    CommandLine& number(std::int64_t value, std::string_view what, std::int64_t least = 0);

    /// Appends a whole command as the user wrote it, quoting included.
    CommandLine& raw(std::string_view line);

    /// Records that argument `what` cannot be sent, and why.
    CommandLine& refuse(std::string_view what, std::string_view why);

    /// Appends a set of DTMF keys, refusing any other character; `what` names it in errors.
    CommandLine& keys(std::string_view value, std::string_view what);

    /// Ends the line with its LF and checks its length. Nothing may be appended after that.
    CommandLine& finish();

    bool ok() const noexcept { return fault_.empty(); }
    /// What was wrong and where, in words; empty when nothing was.
    const std::string& fault() const noexcept { return fault_; }
    /// The line so far; with its LF after finish().
    std::string_view text() const noexcept { return text_; }
    /// Gives the line away.
    std::string release() && noexcept { return std::move(text_); }

private:
    void separate();

    std::size_t max_bytes_;
    std::string text_;
    std::string fault_;
};

/// True for a character that a telephone can send: 0-9, *, #, A-D.
bool is_dtmf(char key) noexcept;

/// How many bytes a command may have for the Asterisk that calls itself so (`agi_version`).
///
/// The larger buffer came with 20.16, 21.11, 22.6 and 23. The version may have something before it
/// ("certified-22.8-cert1", "GIT-22-22.6.0-5-g1a2b3c"); without one, the buffer is the smaller.
std::size_t command_limit(std::string_view agi_version) noexcept;

}  // namespace costrix::agi
