// SPDX-License-Identifier: MIT
// Reads the environment block and looks things up in it, in place.
#include "protocol/environment_order.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace costrix::agi {
namespace {

constexpr std::string_view kSeparator = ": ";
/// Asterisk's blocks are 480 to 630 bytes, and more with arguments: one allocation for most. Then
/// the block is given what it needs and no more, since it is kept as long as the call lasts.
constexpr std::size_t kUsualBlock = 640;

/// Splits off the first line of `block`, its LF included.
std::string_view take_line(std::string_view& block) noexcept {
    const auto line = block.substr(0, block.find('\n'));
    block.remove_prefix(std::min(line.size() + 1, block.size()));
    return line;
}

/// Of "\r\n" what is left is "\n".
void drop_carriage_returns(std::string& block) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (block[i] != '\r' || i + 1 == block.size() || block[i + 1] != '\n')
            block[kept++] = block[i];
    }
    block.resize(kept);
}

}  // namespace

Environment::Environment(std::string block)
    : block_(std::move(block)), ambiguous_(!detail::drop_forged_lines(block_)) {}

Environment::Iterator& Environment::Iterator::operator++() noexcept {
    done_ = true;
    while (!left_.empty()) {
        const auto line = take_line(left_);
        const auto colon = line.find(kSeparator);
        if (colon == std::string_view::npos)
            continue;  // the tail of a value with a newline in it
        item_ = {line.substr(0, colon), line.substr(colon + kSeparator.size())};
        done_ = false;
        break;
    }
    return *this;
}

Environment::Iterator Environment::Iterator::operator++(int) noexcept {
    auto before = *this;
    ++*this;
    return before;
}

std::optional<std::string_view> Environment::find(std::string_view key) const noexcept {
    std::string_view left = block_;
    while (!left.empty()) {
        const auto line = take_line(left);
        // In this order, since most lines are told apart by their separator's place alone.
        if (line.size() >= key.size() + kSeparator.size() && line[key.size()] == kSeparator[0] &&
            line[key.size() + 1] == kSeparator[1] && line.starts_with(key))
            return line.substr(key.size() + kSeparator.size());
    }
    return std::nullopt;
}

std::string_view Environment::get(std::string_view key) const noexcept {
    return find(key).value_or(std::string_view());
}

std::optional<std::string_view> Environment::known(std::string_view key) const noexcept {
    const auto value = find(key);
    return value == "unknown" ? std::nullopt : value;
}

std::optional<int> Environment::integer(std::string_view key) const noexcept {
    const auto value = get(key);
    int number = 0;
    const auto end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return std::nullopt;
    return number;
}

std::optional<std::string_view> Environment::argument(std::size_t n) const noexcept {
    std::array<char, 32> key{"agi_arg_"};
    constexpr std::size_t prefix = 8;
    const auto end = std::to_chars(key.data() + prefix, key.data() + key.size(), n).ptr;
    return find({key.data(), end});
}

/// One pass: to look each of them up would take a time that grows with the square of their number.
std::vector<std::string_view> Environment::arguments() const {
    constexpr std::string_view kPrefix = "agi_arg_";
    if (!argument(1))
        return {};  // as in most calls, and cheaper to find out
    std::vector<std::pair<std::size_t, std::string_view>> numbered;
    for (const auto& [key, value] : *this) {
        if (!key.starts_with(kPrefix))
            continue;
        std::size_t number = 0;
        const auto* const end = key.data() + key.size();
        const auto parsed = std::from_chars(key.data() + kPrefix.size(), end, number);
        if (parsed.ec == std::errc{} && parsed.ptr == end && key[kPrefix.size()] != '0')
            numbered.emplace_back(number, value);
    }
    std::stable_sort(numbered.begin(), numbered.end(), [](const auto& one, const auto& other) {
        return one.first < other.first;
    });
    std::vector<std::string_view> all;
    for (const auto& [number, value] : numbered) {
        if (number > all.size() + 1)
            break;
        if (number == all.size() + 1)  // the first of a key
            all.push_back(value);
    }
    return all;
}

std::map<std::string, std::string> Environment::to_map() const {
    std::map<std::string, std::string> all;
    for (const auto& [key, value] : *this)
        all.emplace(key, value);  // keeps the first of a key
    return all;
}

Environment EnvironmentReader::take() {
    if (carriage_returns_)
        drop_carriage_returns(block_);
    constexpr std::size_t kSmallChange = 16;  // the empty line, for which there was room too
    if (block_.capacity() - block_.size() > kSmallChange)
        block_.shrink_to_fit();
    return Environment(std::move(block_));
}

EnvironmentReader::Event EnvironmentReader::next(std::string_view& input) {
    if (block_.empty() && !input.empty()) {
        const bool all = input.ends_with("\n\n");
        block_.reserve(std::min(all ? input.size() : kUsualBlock, limits_.bytes));
    }
    std::size_t taken = 0;  // of the input, looked at but not in the block yet
    const auto keep = [&] {
        block_ += input.substr(0, taken);
        input.remove_prefix(std::exchange(taken, 0));
    };
    while (taken < input.size()) {
        const auto end = input.find('\n', taken);
        const bool whole = end != std::string_view::npos;
        const auto size = (whole ? end + 1 : input.size()) - taken;
        if (const Event event = check_size(block_.size() + taken, size); event != Event::need_more)
            return event;
        taken += size;
        line_bytes_ += size;
        if (!whole)
            break;
        const auto line_size = std::exchange(line_bytes_, 0);
        if (lines_ > 0 && line_size <= (carriage_returns_ ? 2 : 1)) {
            keep();
            const std::string_view empty = carriage_returns_ && line_size == 2 ? "\r\n" : "\n";
            if (block_.ends_with(empty)) {
                block_.resize(block_.size() - empty.size());
                return Event::complete;
            }
        }
        if (lines_ == 0) {
            keep();
            carriage_returns_ = block_.ends_with("\r\n");
        }
        if (const Event event = count_line(); event != Event::need_more)
            return event;
    }
    keep();
    return Event::need_more;
}

/// Whichever bound the next `size` bytes after so many would cross first, wherever they are cut.
EnvironmentReader::Event
EnvironmentReader::check_size(std::size_t before, std::size_t size) const noexcept {
    const auto room = limits_.bytes - before;
    const auto line_room = limits_.line_bytes - std::min(line_bytes_, limits_.line_bytes);
    if (size <= std::min(room, line_room))
        return Event::need_more;
    return line_room <= room ? Event::line_too_long : Event::too_large;
}

/// One line more; the first one is in the block already.
EnvironmentReader::Event EnvironmentReader::count_line() noexcept {
    if (lines_ == 0 && !block_.starts_with("agi_"))
        return Event::not_agi;
    return ++lines_ > limits_.lines ? Event::too_many_lines : Event::need_more;
}

std::string_view to_string(EnvironmentReader::Event event) noexcept {
    using Event = EnvironmentReader::Event;
    switch (event) {
    case Event::need_more:
        return "ended before its empty line";
    case Event::complete:
        return "is complete";
    case Event::not_agi:
        return "does not begin with an agi_ line";
    case Event::too_many_lines:
        return "has too many lines";
    case Event::line_too_long:
        return "has a line that is too long";
    case Event::too_large:
        return "has too many bytes";
    }
    return "";
}

}  // namespace costrix::agi
