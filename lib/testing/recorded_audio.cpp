// SPDX-License-Identifier: MIT
// The audio lines of a recording, and how they are played again.
#include "testing/recorded_audio.hpp"

#include "session/timer_wheel.hpp"
#include "testing/asterisk/audio_applications.hpp"
#include "testing/asterisk/dialplan_applications.hpp"

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using agi::AudioEvent;

std::vector<std::int16_t> samples_of(const AudioEvent& event) {
    std::vector<std::int16_t> samples;
    agi::AudioMessage{agi::AudioMessage::Kind::audio, event.sample_rate, event.bytes}
        .append_samples_to(samples);
    return samples;
}

void add_received(RecordedAudio& line, const AudioEvent& event) {
    std::string message;
    if (event.kind == AudioEvent::Kind::samples)
        agi::append_audio(message, samples_of(event), event.sample_rate);
    else if (event.kind == AudioEvent::Kind::key)
        agi::append_key(message, event.bytes.front());
    line.received.push_back({event.position, std::move(message)});
}

void add(RecordedAudio& line, const AudioEvent& event, std::size_t record) {
    switch (event.kind) {
    case AudioEvent::Kind::open:
        line.opened = record;
        line.opened_at = event.position;
        break;
    case AudioEvent::Kind::samples:
    case AudioEvent::Kind::key:
        if (event.sent)
            line.sent.push_back({record, event.position, event.sample_rate, samples_of(event)});
        else
            add_received(line, event);
        break;
    case AudioEvent::Kind::end:
        line.whole = true;
        if (event.sent)
            line.ended_here = event.position;
        else
            add_received(line, event);
        break;
    }
}

}  // namespace

std::map<std::uint64_t, std::shared_ptr<RecordedAudio>> recorded_audio(const Transcript& transcript
) {
    std::map<std::uint64_t, std::shared_ptr<RecordedAudio>> lines;
    std::string bytes;
    for (std::size_t i = 0; i < transcript.records().size(); ++i) {
        const auto& record = transcript.records()[i];
        if (!record.is_audio())
            continue;
        const auto event = record.audio(bytes);
        auto& line = lines[event.line];
        if (!line)
            line = std::make_shared<RecordedAudio>();
        line->line = event.line;
        add(*line, event, i + 1);
    }
    return lines;
}

std::optional<ReplayedAudio::Time> ReplayedAudio::next_due() const noexcept {
    if (!origin_ || next_ == recorded_->received.size())
        return std::nullopt;
    return *origin_ + recorded_->received[next_].at;
}

bool ReplayedAudio::send_due(Time now, std::string& output) {
    for (auto due = next_due(); due && *due <= now; due = next_due()) {
        const auto& message = recorded_->received[next_++].message;
        if (message.empty())
            return false;
        output += message;
    }
    return true;
}

void ReplayedAudio::hear(const agi::AudioMessage& message) {
    std::vector<std::int16_t> samples;
    message.append_samples_to(samples);
    heard_.push_back({0, {}, message.sample_rate, std::move(samples)});
}

ReplayedAudio::Time origin_of_line(ReplayedAudio::Time now) {
    constexpr ReplayedAudio::Time kTick = agi::detail::TimerWheel::kTick;
    return (now / kTick + 1) * kTick - std::chrono::milliseconds(20);
}

std::optional<AudioLeg::Kind> audio_of(const std::vector<std::string>& words) {
    if (words.size() < 3 || words[0] != "EXEC")
        return std::nullopt;
    const auto& arguments = words[2];
    if (words[1] == "AudioSocket" &&
        AudioAddress::parse(argument(arguments, 1), argument(arguments, 0)))
        return AudioLeg::Kind::talk;
    if (words[1] == "Originate" && parse_tap(arguments))
        return AudioLeg::Kind::listen;
    return std::nullopt;
}

AudioAddress audio_address_of(const std::vector<std::string>& words) {
    const auto& arguments = words.at(2);
    if (auto tap = parse_tap(arguments))
        return std::move(tap->address);
    return AudioAddress::parse(argument(arguments, 1), argument(arguments, 0)).value();
}

std::vector<std::string> without_audio_address(std::vector<std::string> words) {
    const auto audio = audio_of(words);
    if (!audio)
        return words;
    auto& arguments = words[2];
    if (audio == AudioLeg::Kind::talk) {
        arguments.clear();
        return words;
    }
    const auto host = arguments.find('/');  // AudioSocket/HOST:PORT/UUID/c(slin),…
    const auto uuid = arguments.find('/', host + 1);
    arguments.erase(host, arguments.find('/', uuid + 1) - host);
    return words;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
