// SPDX-License-Identifier: MIT
// The transcript of one session, in memory.
#include "recording/call_recording.hpp"

#include <costrix/agi/protocol/transcript_format.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Calls `take` with each line of `text`.
template <class Take>
void for_each_line(std::string_view text, Take take) {
    while (true) {
        const auto end = text.find('\n');
        take(text.substr(0, end));
        if (end == std::string_view::npos)
            return;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

CallRecording::CallRecording(
    std::string name,
    std::string_view shows,
    const Environment& environment,
    std::size_t max_bytes,
    RecordingBudget& budget,
    Time now
)
    : name_(std::move(name)), max_bytes_(max_bytes), budget_(budget), last_(now) {
    const auto header = [this](std::string_view key, std::string_view value) {
        append(transcript_mark::comment, std::string(key) + ": " + std::string(value));
    };
    header("scenario", std::string_view(name_).substr(0, name_.rfind(".agi")));
    header("shows", shows);
    header("asterisk", environment.version());
    for_each_line(environment.block(), [this](std::string_view line) {
        append(transcript_mark::asterisk, line);
    });
}

void CallRecording::add(bool sent, std::string_view lines, Time now) {
    pause(now);
    for_each_line(lines, [this, sent](std::string_view line) {
        append(sent ? transcript_mark::script : transcript_mark::asterisk, line);
    });
}

void CallRecording::note(std::string_view what, Time now) {
    pause(now);
    append(transcript_mark::happening, what);
}

/// The call's lines, from 1 on.
std::uint64_t CallRecording::number_of(std::uint64_t line) {
    auto found = std::find(audio_lines_.begin(), audio_lines_.end(), line);
    if (found == audio_lines_.end())
        found = audio_lines_.insert(found, line);
    return static_cast<std::uint64_t>(found - audio_lines_.begin()) + 1;
}

/// Silence of our own is left out: the positions tell where it is.
void CallRecording::add_audio(const AudioEvent& event, std::size_t max_bytes, Time now) {
    if (cut_ || audio_cut_ || (event.sent && event.silent()))
        return;
    if (event.kind == AudioEvent::Kind::open)
        pause(now);
    auto numbered = event;
    numbered.line = number_of(event.line);
    std::string line;
    append_transcript_audio(line, numbered);
    if (audio_bytes_ + line.size() > max_bytes)
        return cut_audio("over ", max_bytes, now);
    if (!budget_.take(line.size()))
        return cut_audio("all recordings together are over ", budget_.max_bytes(), now);
    taken_ += line.size();
    audio_bytes_ += line.size();
    text_ += line;
}

void CallRecording::cut_audio(std::string_view why, std::size_t max_bytes, Time now) {
    pause(now);
    audio_cut_ = true;
    append_remark("audio cut off: " + std::string(why) + std::to_string(max_bytes) + " bytes");
}

/// Audio has its own times, which stay together with these if no pause is left out.
void CallRecording::pause(Time now) {
    using std::chrono::microseconds;
    const auto passed = std::max(now - last_, Time::duration());
    if (!audio_lines_.empty()) {
        const auto rounded = std::chrono::floor<microseconds>(passed);
        last_ += rounded;
        const auto count = static_cast<long long>(rounded.count());
        char text[48];
        std::snprintf(
            text, sizeof text, "# +%lld.%06lld s\n", count / 1'000'000, count % 1'000'000
        );
        if (count > 0)
            append_line(text);
        return;
    }
    last_ = now;
    if (passed < kTranscriptPause)
        return;
    std::string line;
    append_transcript_pause(line, passed);
    append_line(line);
}

void CallRecording::append(char mark, std::string_view text) {
    if (cut_)
        return;
    std::string line;  // escaping may make it four times as long as `text`
    append_transcript_line(line, mark, text);
    append_line(line);
}

/// At a limit, the recording ends with a line that says so.
void CallRecording::append_line(std::string_view line) {
    if (cut_)
        return;
    const bool fits = text_.size() - audio_bytes_ + line.size() <= max_bytes_;
    if (fits && budget_.take(line.size())) {
        taken_ += line.size();
        text_ += line;
        return;
    }
    cut_ = true;
    const auto max = std::to_string(fits ? budget_.max_bytes() : max_bytes_);
    const std::string_view what = fits ? "all recordings together are over " : "over ";
    append_remark("cut off: " + std::string(what) + max + " bytes");
}

/// A few bytes that no limit keeps out.
void CallRecording::append_remark(std::string_view text) {
    append_transcript_line(text_, transcript_mark::comment, text);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
