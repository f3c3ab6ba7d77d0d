// SPDX-License-Identifier: MIT
// RECORD FILE: the beep, the recording, and the five ways in which it ends.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

struct Request {
    std::string file;
    std::string escape;
    Time timeout{};
    long offset = 0;
    bool beep = false;
    Time silence{};  ///< zero is no silence detection
};

class RecordFile final : public RunningCommand {
public:
    RecordFile(CallState& call, Request request, Time beep)
        : RunningCommand(call), request_(std::move(request)), beeping_(beep > Time{}) {
        if (beeping_)
            wait(beep);
        else
            record();
    }

    void expire() override {
        if (beeping_) {
            beeping_ = false;
            record();
        } else {
            out_of_time();
        }
    }

    void key(char key) override {
        const bool stops = escapes(request_.escape, key);
        if (beeping_ && stops) {
            finish(key, "randomerror", request_.offset);
        } else if (!beeping_) {
            muted_ += call().data().key_length;
            if (stops)
                finish(key, "dtmf", recorded(200ms));
        }
    }

    void hang_up() override {
        if (beeping_)
            finish(-1, "randomerror", request_.offset);
        else
            finish(-1, "hangup", recorded());
    }

private:
    void record() {
        begun_ = call().now();
        const auto& talking = call().data().talking;
        until_silent_ =
            talking && request_.silence > Time{} ? later(*talking, request_.silence) : kNever;
        wait(std::min(request_.timeout, until_silent_));
    }

    // After silence Asterisk returns what was left of the timeout, a meaningless number.
    void out_of_time() {
        const bool silent = until_silent_ < request_.timeout;
        const Time left =
            silent && request_.timeout != kNever ? request_.timeout - until_silent_ : Time{};
        finish(
            static_cast<int>(left / 1ms), "timeout", recorded(silent ? request_.silence - 1s : 0s)
        );
    }

    // Samples on file. The tones of keys are not recorded; `less` is taken off the end.
    long recorded(Time less = {}) const {
        if (!call().data().talking)
            return 0;
        const auto elapsed = call().now() - begun_;
        if (elapsed == Time{})
            return 0;
        const bool append = request_.offset > 0;
        const auto old = call().recordings.find(request_.file);
        const auto base =
            append && old != call().recordings.end() ? std::min(old->second, request_.offset) : 0;
        const auto length = (elapsed / kFrame + (append ? 0 : 1)) * kFrame - muted_ - less;
        return base + samples(std::max(length, Time{}));
    }

    void finish(int result, const std::string& reason, long position) {
        if (reason != "randomerror")
            call().recordings[request_.file] = position;
        auto ending = CommandEnd::result(
            std::to_string(result) + " (" + reason + ") endpos=" + std::to_string(position)
        );
        end(result < 0 ? ending.as_failure() : ending);
    }

    Request request_;
    bool beeping_;
    Time begun_{};
    Time until_silent_ = kNever;
    Time muted_{};
};

bool writable(const CallState& call, const std::string& file, const std::string& format) {
    constexpr std::array<std::string_view, 12> formats{
        "wav", "wav49", "WAV", "gsm", "ulaw", "alaw", "sln", "slin", "g722", "sln16", "raw", "ogg"};
    if (std::find(formats.begin(), formats.end(), format) == formats.end())
        return false;
    const auto& closed = call.data().unwritable;
    return std::none_of(closed.begin(), closed.end(), [&](const auto& directory) {
        return file.starts_with(directory + "/");
    });
}

// `s=SECONDS` in the first of the words that has an s at all, as strchr finds it.
Time silence_option(const Words& words) {
    for (std::size_t i = 6; i < std::min<std::size_t>(words.size(), 9); ++i) {
        const auto at = words[i].find('s');
        if (at == std::string::npos)
            continue;
        const auto option = words[i].substr(at);
        const bool given = option.size() > 2 && option[1] == '=';
        return given ? Time(std::chrono::seconds(std::max(as_int(option.substr(2)), 0))) : Time{};
    }
    return {};
}

}  // namespace

// RECORD FILE file format digits timeout [offset] [BEEP] [s=seconds]
Outcome record_file(CallState& call, const Words& words) {
    const auto timeout = words.size() < 6 ? std::nullopt : scan_int(words[5]);
    if (!timeout)
        return CommandEnd::usage();
    const auto is_option = [](const std::string& word) { return word.find('=') != word.npos; };
    Request request;
    request.file = words[2] + "." + words[3];
    request.escape = words[4];
    request.timeout = *timeout < 0 ? kNever : Time(std::chrono::milliseconds(*timeout));
    request.silence = silence_option(words);
    if (words.size() > 6) {
        const auto offset = scan_int(words[6]);
        request.offset = std::max(offset.value_or(0), 0);
        request.beep = !offset && !is_option(words[6]);
    }
    request.beep = request.beep || (words.size() > 7 && !is_option(words[7]));
    if (!writable(call, words[2], words[3]))
        return CommandEnd::result("-1 (writefile)").as_failure();
    const auto beep = request.beep ? call.begin_prompt("beep").value_or(Time{}) : Time{};
    call.respond_to(words[2]);
    return std::make_unique<RecordFile>(call, std::move(request), beep);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
