// SPDX-License-Identifier: MIT
// Command lines: quoting, refusing what no AGI command can carry, Asterisk's buffer sizes.
#include "protocol/log_text.hpp"

#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace costrix::agi {
namespace {

enum class Byte : std::uint8_t { plain, escaped, forbidden };

/// What each byte is within an argument. Most are plain, and are appended as many at a time.
constexpr auto kBytes = [] {
    std::array<Byte, 256> bytes{};
    bytes['"'] = bytes['\\'] = Byte::escaped;
    bytes['\n'] = bytes['\r'] = bytes['\0'] = Byte::forbidden;
    return bytes;
}();

Byte kind_of(char byte) noexcept {
    return kBytes[static_cast<unsigned char>(byte)];
}

/// How many of the first bytes are plain.
std::size_t count_plain(std::string_view text) noexcept {
    const auto end = std::find_if(text.begin(), text.end(), [](char byte) {
        return kind_of(byte) != Byte::plain;
    });
    return static_cast<std::size_t>(end - text.begin());
}

/// Says of a forbidden byte which it is, and where.
std::string forbidden(char byte, std::size_t at) {
    const char* const name = byte == '\n'   ? "a line feed"
                             : byte == '\r' ? "a carriage return"
                                            : "a NUL byte";
    return std::string("holds ") + name + " at byte " + std::to_string(at);
}

bool is_blank(char byte) noexcept {
    return byte == ' ' || byte == '\t';
}

/// Counts words by Asterisk's own rules.
std::size_t count_words(std::string_view line) noexcept {
    std::size_t words = 0;
    bool inside = false, quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (!quoted && is_blank(line[i])) {
            inside = false;
            continue;
        }
        if (!inside) {
            inside = true;
            ++words;
        }
        if (line[i] == '\\')
            ++i;
        else if (line[i] == '"')
            quoted = !quoted;
    }
    return words;
}

/// A line that begins so ends the AGI session instead of being run (res_agi.c: run_agi).
bool is_failure_word(std::string_view line) noexcept {
    constexpr std::string_view word = "failure";
    return line.size() >= word.size() &&
           std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
           });
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
    for (std::size_t at = 0; at < value.size(); ++at) {
        const auto plain = count_plain(value.substr(at));
        text_ += value.substr(at, plain);
        at += plain;
        if (at == value.size())
            break;
        if (kind_of(value[at]) == Byte::forbidden)
            return refuse(what, forbidden(value[at], at) + ", which no AGI command can carry");
        text_ += '\\';
        text_ += value[at];
    }
    text_ += '"';
    return *this;
}

CommandLine& CommandLine::number(std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    separate();
    text_.append(digits.data(), end);
    return *this;
}

CommandLine& CommandLine::number(std::int64_t value, std::string_view what, std::int64_t least) {
    if (value < least)
        refuse(
            what,
            least > 0    ? "is not positive"
            : least == 0 ? "is negative"
                         : "is " + std::to_string(value) + ", less than Asterisk takes"
        );
    else if (value > kMostNumber)
        refuse(what, "is " + std::to_string(value) + ", over the 2147483647 that Asterisk takes");
    return number(value);
}

CommandLine& CommandLine::raw(std::string_view line) {
    const auto bad = std::find_if(line.begin(), line.end(), [](char byte) {
        return kind_of(byte) == Byte::forbidden;
    });
    if (bad != line.end())
        return refuse("line", forbidden(*bad, static_cast<std::size_t>(bad - line.begin())));
    if (text_.empty() && count_words(line) == 0)
        return refuse("line", "holds no command");
    if (is_failure_word(line))
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
    // A word takes two bytes at least, its blank included.
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
    // The first `digits.digits` of it.
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

}  // namespace costrix::agi
