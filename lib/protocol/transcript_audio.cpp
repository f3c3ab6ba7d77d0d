// SPDX-License-Identifier: MIT
// Audio in transcripts: one line for each message, its samples in base64.
#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/audio_event.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/transcript_format.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using Kind = AudioEvent::Kind;

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kPadding = '=';
constexpr std::size_t kMaxBytes = AudioMessageReader::kMaxPayload - 1;

unsigned byte_at(std::string_view bytes, std::size_t at) noexcept {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

/// Three bytes become four digits.
void append_base64(std::string& text, std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        const auto group = byte_at(bytes, 0) << 16 | byte_at(bytes, 1) << 8 | byte_at(bytes, 2);
        text += kDigits[group >> 18];
        text += kDigits[group >> 12 & 0x3f];
        text += bytes.size() > 1 ? kDigits[group >> 6 & 0x3f] : kPadding;
        text += bytes.size() > 2 ? kDigits[group & 0x3f] : kPadding;
    }
}

/// Reads the words of a line, and says at which character something is wrong.
class Line {
public:
    explicit Line(std::string_view text) : text_(text) {}

    [[noreturn]] void fail(const std::string& what, std::size_t at) const {
        constexpr std::size_t kFirst = 3;  // behind the mark and its blank, counted from 1
        throw std::runtime_error("character " + std::to_string(at + kFirst) + ": " + what);
    }
    std::string_view word(const char* what) {
        begin_ = next_;
        const auto end = std::min(text_.find(' ', begin_), text_.size());
        if (begin_ >= text_.size() || end == begin_)
            fail(std::string(what) + " is missing", std::min(begin_, text_.size()));
        next_ = end + 1;
        return text_.substr(begin_, end - begin_);
    }
    template <class Number>
    Number number(const char* what) {
        const auto text = word(what);
        const auto value = detail::to_number<Number>(text);
        if (!value)
            fail(std::string(what) + " is not a number: " + std::string(text), begin_);
        return *value;
    }
    /// Where the last word began.
    std::size_t begin() const noexcept { return begin_; }
    void expect_end() const {
        if (next_ <= text_.size())
            fail("there is more than was expected", next_ - 1);
    }
    std::chrono::nanoseconds position();
    void samples(std::string& bytes);

private:
    std::string_view text_;
    std::size_t begin_ = 0, next_ = 0;
};

/// Seconds, with six digits behind the point.
std::chrono::nanoseconds Line::position() {
    constexpr std::size_t kDecimals = 6;
    constexpr std::int64_t kMaxSeconds = 1'000'000'000;
    const auto text = word("the position");
    const auto point = text.find('.');
    const auto whole = detail::to_number<std::int64_t>(text.substr(0, point));
    std::optional<std::uint32_t> parts;
    if (point != std::string_view::npos && text.size() == point + 1 + kDecimals)
        parts = detail::to_number<std::uint32_t>(text.substr(point + 1));
    if (!whole || *whole < 0 || *whole > kMaxSeconds || !parts)
        fail("the position is not a number of seconds: " + std::string(text), begin_);
    return std::chrono::seconds(*whole) + std::chrono::microseconds(*parts);
}

void Line::samples(std::string& bytes) {
    const auto text = word("the samples");
    if (text.size() % 4 != 0)
        fail("the samples are cut off", begin_ + text.size());
    const auto digits = text.substr(0, text.find(kPadding));
    if (text.size() - digits.size() > 2 ||
        text.find_first_not_of(kPadding, digits.size()) != text.npos)
        fail("the samples go on behind their end", begin_ + digits.size());
    unsigned group = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto digit = kDigits.find(digits[i]);
        if (digit == std::string_view::npos)
            fail("what is not base64 among the samples", begin_ + i);
        group = group << 6 | static_cast<unsigned>(digit);
        const auto bits = (i % 4 + 1) * 6;
        if (i % 4 > 0)
            bytes += static_cast<char>(group >> (bits % 8) & 0xff);
        if (i % 4 == 3)
            group = 0;
    }
    if (bytes.empty() || bytes.size() % 2 != 0 || bytes.size() > kMaxBytes)
        fail("samples of " + std::to_string(bytes.size()) + " bytes", begin_);
}

unsigned parse_rate(Line& line) {
    const auto rate = line.number<unsigned>("the sample rate");
    if (std::find(kAudioRates.begin(), kAudioRates.end(), rate) == kAudioRates.end())
        line.fail("no sample rate of Asterisk's: " + std::to_string(rate), line.begin());
    return rate;
}

void parse_samples(Line& line, bool silence, AudioEvent& event, std::string& bytes) {
    event.kind = Kind::samples;
    event.sample_rate = parse_rate(line);
    if (!silence)
        return line.samples(bytes);
    const auto samples = line.number<std::size_t>("the number of samples");
    if (samples == 0 || samples > kMaxBytes / 2)
        line.fail("silence of " + std::to_string(samples) + " samples", line.begin());
    bytes.assign(2 * samples, '\0');
}

}  // namespace

void append_transcript_audio(std::string& transcript, const AudioEvent& event) {
    transcript += event.sent ? transcript_mark::audio_sent : transcript_mark::audio_received;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(event.position);
    const auto number = static_cast<long long>(micros.count());
    char begin[64];
    const auto size = std::snprintf(
        begin,
        sizeof begin,
        " %llu %lld.%06lld ",
        static_cast<unsigned long long>(event.line),
        number / 1'000'000,
        number % 1'000'000
    );
    transcript.append(begin, static_cast<std::size_t>(size));
    switch (event.kind) {
    case Kind::open:
        transcript += "open";
        break;
    case Kind::samples:
        transcript.append(event.silent() ? "silence " : "audio ")
            .append(std::to_string(event.sample_rate) + ' ');
        if (event.silent())
            transcript += std::to_string(event.bytes.size() / 2);
        else
            append_base64(transcript, event.bytes);
        break;
    case Kind::key:
        transcript.append("key ").append(event.bytes);
        break;
    case Kind::end:
        transcript += "end";
        break;
    }
    transcript += '\n';
}

AudioEvent parse_transcript_audio(bool sent, std::string_view text, std::string& bytes) {
    Line line(text);
    AudioEvent event{.sent = sent};
    bytes.clear();
    event.line = line.number<std::uint64_t>("the number of the line");
    event.position = line.position();
    const auto kind = line.word("what passed");
    if (kind == "open") {
        event.kind = Kind::open;
    } else if (kind == "audio" || kind == "silence") {
        parse_samples(line, kind == "silence", event, bytes);
    } else if (kind == "key") {
        event.kind = Kind::key;
        bytes = line.word("the key");
        if (bytes.size() != 1 || !is_dtmf(bytes.front()))
            line.fail("not a key: " + bytes, line.begin());
    } else if (kind != "end") {
        line.fail("neither open, audio, silence, key nor end: " + std::string(kind), line.begin());
    }
    line.expect_end();
    event.bytes = bytes;
    return event;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
