// SPDX-License-Identifier: MIT
// The transcript of one session, in memory.
#include "recording/call_recording.hpp"

#include <costrix/agi/protocol/transcript_format.hpp>

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

void CallRecording::pause(Time now) {
    const auto passed = now - std::exchange(last_, now);
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
    const bool fits = text_.size() + line.size() <= max_bytes_;
    if (fits && budget_.take(line.size())) {
        taken_ += line.size();
        text_ += line;
        return;
    }
    cut_ = true;
    const auto max = std::to_string(fits ? budget_.max_bytes() : max_bytes_);
    const std::string_view what = fits ? "all recordings together are over " : "over ";
    append_transcript_line(
        text_, transcript_mark::comment, "cut off: " + std::string(what) + max + " bytes"
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
