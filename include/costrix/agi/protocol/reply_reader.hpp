// SPDX-License-Identifier: MIT
// Splits Asterisk's output into replies and HANGUP lines, wherever the input is cut.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// How the reply to a command is framed. This depends on the command; the reply does not say.
enum class ReplyForm : std::uint8_t {
    line,     ///< One line; the parentheses contain a flag.
    value,    ///< `(…)` is data over any number of lines; ends with a line that ends in `)`.
    counted,  ///< `(…)` is a list of values with their lengths; see read_counted().
};

/// One value of a counted reply: `name:exists:length:` and `length` bytes.
struct CountedValue {
    std::string_view name;  ///< The variable's name.
    bool exists = false;    ///< False if the variable is not set.
    std::size_t begin = 0;  ///< Offset of the value in the text.
    std::size_t size = 0;   ///< Announced length in bytes; the text may be shorter.
};

/// Parses `name:exists:length:` at offset `at`; `nullopt` when it is malformed.
std::optional<CountedValue> read_counted(std::string_view text, std::size_t at) noexcept;

/// Reads Asterisk's side of a conversation piece by piece. Performs no I/O.
///
/// Consumes all input and stores a partial line. A `HANGUP` line can arrive before any reply, more
/// than once, but never inside one: Asterisk writes both from one thread.
class ReplyReader {
public:
    /// What the input so far amounts to.
    enum class Event : std::uint8_t {
        need_more,      ///< All input is consumed.
        hangup,         ///< A HANGUP line.
        provisional,    ///< A 1xx line, such as GOSUB's `100 result=0 Trying...`.
        reply,          ///< A reply; see reply().
        junk,           ///< Any other line; see reply().text().
        line_too_long,  ///< A line exceeds its limit. Do not read on.
        too_large,      ///< A reply exceeds its limit. Do not read on.
    };

    /// Limits, in bytes: `max_bytes` for a whole reply, `max_line` for each of its lines.
    explicit ReplyReader(
        std::size_t max_bytes,
        std::size_t max_line = static_cast<std::size_t>(-1)
    ) noexcept
        : max_bytes_(max_bytes), max_line_(max_line) {}

    /// Sets how the next reply is framed.
    void expect(ReplyForm form) noexcept { form_ = form; }

    /// Sets whether a CR before LF is dropped, for input from a terminal. Asterisk sends none.
    void drop_carriage_returns(bool on) noexcept { carriage_returns_ = on; }

    /// Consumes `input` from its front, up to the end of the next event or to a limit.
    Event next(std::string_view& input);

    /// The reply (or line) of the event just returned; valid until the next call of next().
    const Reply& reply() const noexcept { return reply_; }

    /// Exchanges that reply with `other`, so that two buffers are reused without copying.
    void swap_reply(Reply& other) noexcept { swap(reply_, other); }

    /// True when a reply or a line is unfinished.
    bool partial() const noexcept { return !complete_ && !reply_.text_.empty(); }

private:
    enum class Block : std::uint8_t { none, value, counted, usage, other };

    Event take_line(std::string_view& input);
    Event classify();
    Event begin(std::string_view line);
    Event finish(Event event) noexcept;
    Event more();
    Event follow();
    std::string_view line() const noexcept { return reply_.text().substr(line_start_); }

    std::size_t max_bytes_;
    std::size_t max_line_;
    std::size_t line_start_ = 0;  // offset of the current line in reply_.text_
    std::size_t counted_at_ = 0;  // offset of the next counted value in reply_.text_
    Reply reply_;
    ReplyForm form_ = ReplyForm::line;
    Block block_ = Block::none;
    bool carriage_returns_ = false;
    bool complete_ = true;    // reply_ holds an event that has been returned
    bool have_line_ = false;  // a whole line is read and not yet classified
};

}  // namespace costrix::inline COSTRIX_ABI::agi
