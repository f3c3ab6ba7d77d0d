// SPDX-License-Identifier: MIT
// Cuts what Asterisk sends into replies and HANGUP lines, wherever the bytes were split.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace costrix::agi {

/// How the reply to a command is framed; only the command knows, the reply does not tell.
enum class ReplyForm : std::uint8_t {
    line,     ///< One line; what stands in parentheses is a flag.
    value,    ///< `(…)` is data that may span lines; the reply ends with a line that ends in `)`.
    counted,  ///< `(…)` is counted values; see read_counted(). Their lengths tell where it ends.
};

/// The head of one counted value, `name:exists:length:`, and where the value stands in the text.
struct CountedValue {
    std::string_view name;
    bool exists = false;
    std::size_t begin = 0;  ///< Of the value, within the text.
    std::size_t size = 0;   ///< As the head has it; the text may be shorter.
};

/// Reads the head at `at`; nothing when there is none, or its length is no number.
std::optional<CountedValue> read_counted(std::string_view text, std::size_t at) noexcept;

/// Incremental reader of Asterisk's side of a conversation.
///
/// Pure: no I/O, no clock. All input is consumed; a partial line is kept here. A `HANGUP` line can
/// come before any reply, more than once, but never inside one (Asterisk writes both from one
/// thread).
class ReplyReader {
public:
    enum class Event : std::uint8_t {
        need_more,      ///< All input is consumed and no event is complete.
        hangup,         ///< A HANGUP line.
        provisional,    ///< A 1xx line, such as GOSUB's `100 result=0 Trying...`.
        reply,          ///< A reply; see reply().
        junk,           ///< A line that is neither; see reply().text().
        line_too_long,  ///< A line over its limit. Nothing more can be read.
        too_large,      ///< A reply over its limit. Nothing more can be read.
    };

    /// `max_bytes` bounds one reply, all its lines together; `max_line` each of its lines.
    explicit ReplyReader(
        std::size_t max_bytes,
        std::size_t max_line = static_cast<std::size_t>(-1)
    ) noexcept
        : max_bytes_(max_bytes), max_line_(max_line) {}

    /// Says how the reply that comes next is framed.
    void expect(ReplyForm form) noexcept { form_ = form; }

    /// Takes a carriage return at the end of a line for a part of the line's end: the peer is a
    /// person at a terminal, or a file of such lines. Asterisk sends none.
    void drop_carriage_returns(bool on) noexcept { carriage_returns_ = on; }

    /// Takes bytes from the front of `input` up to the end of the next event. What is over a limit
    /// is not taken.
    Event next(std::string_view& input);

    /// The reply (or line) of the event just returned; valid until the next call of next().
    const Reply& reply() const noexcept { return reply_; }

    /// Exchanges that reply with `other`, so that two buffers serve for ever without a copy.
    void swap_reply(Reply& other) noexcept { swap(reply_, other); }

    /// True when a reply, or a line, has begun and not ended.
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
    std::size_t line_start_ = 0;  // of the current line within reply_.text_
    std::size_t counted_at_ = 0;  // the next head of a counted reply, within reply_.text_
    Reply reply_;
    ReplyForm form_ = ReplyForm::line;
    Block block_ = Block::none;
    bool carriage_returns_ = false;
    bool complete_ = true;    // reply_ holds an event already returned
    bool have_line_ = false;  // a whole line has been taken and is to be classified
};

}  // namespace costrix::agi
