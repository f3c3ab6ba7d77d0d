// SPDX-License-Identifier: MIT
// Quotes arguments, refuses what no AGI command can carry, and knows Asterisk's buffer sizes.
#include "protocol/ascii.hpp"
#include "protocol/log_text.hpp"
#include "protocol/words.hpp"

#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

enum class Byte : std::uint8_t { plain, escaped, forbidden };

/// How each byte is sent within an argument. Runs of plain bytes, the usual case, are copied whole.
constexpr auto kBytes = [] {
    std::array<Byte, 256> bytes{};
    bytes['"'] = bytes['\\'] = Byte::escaped;
    bytes['\n'] = bytes['\r'] = bytes['\0'] = Byte::forbidden;
    return bytes;
}();

Byte kind_of(char byte) noexcept {
    return kBytes[static_cast<unsigned char>(byte)];
}

/// The first byte that is not plain, or the end.
std::size_t find_special(std::string_view text, std::size_t at) noexcept {
    while (at < text.size() && kind_of(text[at]) == Byte::plain)
        ++at;
    return at;
}

/// Which forbidden byte it is, and where.
std::string forbidden(char byte, std::size_t at) {
    const char* const name = byte == '\n'   ? "a line feed"
                             : byte == '\r' ? "a carriage return"
                                            : "a NUL byte";
    return std::string("holds ") + name + " at byte " + std::to_string(at);
}

std::size_t count_words(std::string_view line) noexcept {
    std::size_t words = 0;
    while (detail::take_word(line, [](char) {}))
        ++words;
    return words;
}

}  // namespace

CommandLine::CommandLine(std::size_t max_bytes, std::string&& buffer) noexcept
    : max_bytes_(max_bytes), text_(std::move(buffer)) {
    text_.clear();
}

void CommandLine::separate() {
    if (!text_.empty())
        text_ += ' ';
}

CommandLine& CommandLine::name(std::string_view words) {
    separate();
    text_ += words;
    return *this;
}

CommandLine& CommandLine::argument(std::string_view value, std::string_view what) {
    if (!ok())
        return *this;
    text_ += text_.empty() ? "\"" : " \"";
    for (std::size_t at = 0; at < value.size();) {
        const auto special = find_special(value, at);
        text_ += value.substr(at, special - at);
        if (special == value.size())
            break;
        if (kind_of(value[special]) == Byte::forbidden)
            return refuse(
                what, forbidden(value[special], special) + ", which no AGI command can carry"
            );
        text_ += '\\';
        text_ += value[special];
        at = special + 1;
    }
    text_ += '"';
    return *this;
}

CommandLine& CommandLine::optional_argument(std::string_view value, std::string_view what) {
    return value.empty() ? *this : argument(value, what);
}

CommandLine& CommandLine::number(std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    separate();
    text_.append(digits.data(), end);
    return *this;
}

CommandLine& CommandLine::number(std::int64_t value, std::string_view what, std::int64_t min) {
    if (value < min)
        refuse(
            what,
            min > 0    ? "is not positive"
            : min == 0 ? "is negative"
                       : "is " + std::to_string(value) + ", less than Asterisk takes"
        );
    else if (value > kMaxNumber)
        refuse(what, "is " + std::to_string(value) + ", over the 2147483647 that Asterisk takes");
    return number(value);
}

CommandLine& CommandLine::raw(std::string_view line) {
    for (std::size_t at = 0; (at = find_special(line, at)) < line.size(); ++at) {
        if (kind_of(line[at]) == Byte::forbidden)
            return refuse("line", forbidden(line[at], at));
    }
    if (text_.empty() && count_words(line) == 0)
        return refuse("line", "holds no command");
    // res_agi.c: run_agi
    if (detail::starts_with_ignoring_case(line, "failure"))
        return refuse("line", "begins with \"failure\", which ends the session in Asterisk");
    text_ += line;
    return *this;
}

CommandLine& CommandLine::refuse(std::string_view what, std::string_view why) {
    if (ok())
        fault_.append(what).append(" ").append(why);
    return *this;
}

CommandLine& CommandLine::keys(std::string_view value, std::string_view what) {
    for (char key : value) {
        if (!is_dtmf(key)) {
            return refuse(
                what,
                "holds '" + detail::log_text({&key, 1}) + "', which is not one of 0-9, *, #, A-D"
            );
        }
    }
    return argument(value, what);
}

CommandLine& CommandLine::finish() {
    // A word and its blank take at least two bytes, so a short line needs no counting.
    const auto words = text_.size() < 2 * kMaxWords ? 0 : count_words(text_);
    if (words > kMaxWords) {
        refuse(
            "the command",
            "has " + std::to_string(words) + " words, over the " + std::to_string(kMaxWords) +
                " that Asterisk takes"
        );
    }
    if (text_.size() > max_bytes_) {
        refuse(
            "the command",
            "has " + std::to_string(text_.size()) + " bytes, over the " +
                std::to_string(max_bytes_) + " that this Asterisk takes"
        );
    }
    text_ += '\n';
    return *this;
}

bool is_dtmf(char key) noexcept {
    return (key >= '0' && key <= '9') || key == '*' || key == '#' || (key >= 'A' && key <= 'D');
}

std::size_t command_limit(std::string_view agi_version) noexcept {
    // The version is the first `digits.digits`.
    const char* const end = agi_version.data() + agi_version.size();
    for (const char* at = agi_version.data(); at != end; ++at) {
        int major = 0, minor = 0;
        const auto [dot, error] = std::from_chars(at, end, major);
        if (error != std::errc{} || *at == '-')
            continue;
        at = dot == end ? dot - 1 : dot;
        if (dot == end || *dot != '.' || std::from_chars(dot + 1, end, minor).ec != std::errc{})
            continue;
        const bool large = major >= 23 || (major == 22 && minor >= 6) ||
                           (major == 21 && minor >= 11) || (major == 20 && minor >= 16);
        return large ? CommandLine::kLargeBuffer : CommandLine::kSmallBuffer;
    }
    return CommandLine::kSmallBuffer;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
