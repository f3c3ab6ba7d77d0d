// SPDX-License-Identifier: MIT
// The reply grammar: single lines, values over several lines, usage texts, HANGUP.
#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/reply_reader.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

constexpr std::string_view kHangup = "HANGUP";
constexpr std::string_view kUsageEnd = "520 End of proper usage.";
constexpr std::size_t kKeptCapacity = 4096;  // the memory of a longer reply is released

/// The code that a reply line begins with, or 0.
int code_of(std::string_view line) noexcept {
    using detail::is_digit;
    if (line.size() < 4 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]) ||
        (line[3] != ' ' && line[3] != '-'))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::optional<CountedValue> read_counted(std::string_view text, std::size_t at) noexcept {
    const auto colon = text.find(':', at);
    // The flag, a colon, at least one digit, and a colon must follow.
    if (colon == std::string_view::npos || text.size() - colon < 5)
        return std::nullopt;
    const char flag = text[colon + 1];
    if ((flag != '0' && flag != '1') || text[colon + 2] != ':')
        return std::nullopt;
    CountedValue value{text.substr(at, colon - at), flag == '1'};
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 3, end, value.size);
    if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != ':')
        return std::nullopt;
    value.begin = static_cast<std::size_t>(parsed.ptr - text.data()) + 1;
    return value;
}

/// Takes a line, or as much of it as has arrived. Bytes over a limit are not copied: growing the
/// string for them would take longer than six commands and delay other sessions.
ReplyReader::Event ReplyReader::take_line(std::string_view& input) {
    const auto line = input.substr(0, input.find('\n'));
    const auto kept = reply_.text_.size();
    const auto room = max_bytes_ - kept, line_room = max_line_ - (kept - line_start_);
    if (line.size() > std::min(room, line_room))
        return line_room < room ? Event::line_too_long : Event::too_large;
    reply_.text_ += line;
    have_line_ = line.size() < input.size();
    input.remove_prefix(line.size() + (have_line_ ? 1 : 0));
    return Event::need_more;
}

ReplyReader::Event ReplyReader::next(std::string_view& input) {
    if (complete_) {
        if (reply_.text_.capacity() > kKeptCapacity)
            reply_.text_ = std::string();
        reply_.text_.clear();
        line_start_ = 0;
        block_ = Block::none;
        complete_ = false;
    }
    while (have_line_ || !input.empty()) {
        if (!have_line_) {
            if (const Event event = take_line(input); event != Event::need_more)
                return event;
        }
        if (!std::exchange(have_line_, false))
            break;
        if (const Event event = classify(); event != Event::need_more)
            return event;
    }
    return Event::need_more;
}

ReplyReader::Event ReplyReader::classify() {
    if (carriage_returns_ && line().ends_with('\r'))
        reply_.text_.pop_back();
    const auto current = line();
    switch (block_) {
    case Block::none:
        return begin(current);
    case Block::value:
        return current.ends_with(')') ? finish(Event::reply) : more();
    case Block::counted:
        return follow();
    // Asterisk before 13.17 has no line feed before the last line (ASTERISK-25662).
    case Block::usage:
        return current.ends_with(kUsageEnd) ? finish(Event::reply) : more();
    case Block::other:
        return code_of(current) == reply_.code_ && current[3] == ' ' ? finish(Event::reply)
                                                                     : more();
    }
    return Event::junk;
}

ReplyReader::Event ReplyReader::begin(std::string_view current) {
    reply_.code_ = code_of(current);
    reply_.status_ = ReplyStatus::received;
    if (current == kHangup)
        return finish(Event::hangup);
    if (reply_.code_ == 0 && current.starts_with(kHangup) &&
        code_of(current.substr(kHangup.size())) != 0) {
        // Asterisk 1.6 sent HANGUP without a line feed.
        reply_.text_.erase(0, kHangup.size());
        have_line_ = true;
        return Event::hangup;
    }
    if (reply_.code_ == 0)
        return finish(Event::junk);
    if (reply_.code_ / 100 == 1)
        return finish(Event::provisional);
    if (current[3] == '-') {
        block_ = reply_.code_ == 520 ? Block::usage : Block::other;
        return more();
    }
    if (reply_.code_ == 200 && form_ == ReplyForm::counted && reply_.rest().starts_with('(')) {
        block_ = Block::counted;
        counted_at_ = current.size() - reply_.rest().size() + 1;
        return follow();
    }
    if (reply_.code_ == 200 && form_ == ReplyForm::value && !current.ends_with(')') &&
        reply_.rest().starts_with('(')) {
        block_ = Block::value;
        return more();
    }
    return finish(Event::reply);
}

/// Follows the lengths through the text that has arrived. Where they do not fit, the reply is read
/// as a value, and the action rejects it.
ReplyReader::Event ReplyReader::follow() {
    const auto text = reply_.text();
    while (text.substr(counted_at_) != ")") {
        const auto value = read_counted(text, counted_at_);
        if (value && value->size > max_bytes_)
            return Event::too_large;
        const auto left = value ? text.size() - value->begin : 0;
        if (value && value->size > left)
            return more();
        if (!value || value->size == left) {
            block_ = Block::value;
            return text.ends_with(')') ? finish(Event::reply) : more();
        }
        counted_at_ = value->begin + value->size;
    }
    return finish(Event::reply);
}

ReplyReader::Event ReplyReader::finish(Event event) noexcept {
    complete_ = true;
    return event;
}

ReplyReader::Event ReplyReader::more() {
    if (reply_.text_.size() == max_bytes_)
        return Event::too_large;
    reply_.text_ += '\n';
    line_start_ = reply_.text_.size();
    return Event::need_more;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
