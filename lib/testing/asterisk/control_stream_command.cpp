// SPDX-License-Identifier: MIT
// CONTROL STREAM FILE: a sound with keys to stop, skip, go back and pause. Offsets are in ms.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <algorithm>
#include <chrono>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

struct Keys {
    std::string stop;
    std::string forward;
    std::string rewind;
    std::string pause;
};

class ControlStreamFile final : public RunningCommand {
public:
    ControlStreamFile(CallState& call, Time length, Time offset, Time skip, Keys keys)
        : RunningCommand(call), length_(length), skip_(skip), keys_(std::move(keys)),
          anchor_(call.now()), base_(std::clamp(offset, Time{}, length)),
          first_frame_(offset <= Time{}) {
        wait(length_ - base_);
    }

    void expire() override { finish(0, -1, "SUCCESS"); }

    void key(char key) override {
        if (paused_) {
            key_while_paused(key);
        } else if (escapes(keys_.forward, key)) {
            seek(position() + skip_);
        } else if (escapes(keys_.rewind, key)) {
            seek(position() - skip_);
        } else if (escapes(keys_.pause, key)) {
            seek(position());
            paused_ = true;
            wait(kNever);
        } else if (escapes(keys_.stop, key)) {
            stop(key);
        }
    }

    void hang_up() override { finish(-1, position() / std::chrono::milliseconds(1), "ERROR"); }

private:
    void key_while_paused(char key) {
        if (escapes(keys_.pause, key)) {
            paused_ = false;
            seek(base_);
        } else if (escapes(keys_.stop, key)) {
            stop(key);
        }
    }

    void stop(char key) {
        call().variables()["CPLAYBACKSTOPKEY"] = std::string(1, key);
        finish(key, position() / std::chrono::milliseconds(1), "USERSTOPPED");
    }

    // The first frame of a sound goes out at once; after a seek the next one takes its turn.
    Time position() const {
        if (paused_)
            return base_;
        const auto frames = (call().now() - anchor_) / kFrame + (first_frame_ ? 1 : 0);
        return std::min(length_, base_ + frames * kFrame);
    }

    void seek(Time to) {
        base_ = std::clamp(to, Time{}, length_);
        anchor_ = call().now();
        first_frame_ = false;
        wait(length_ - base_);
    }

    void finish(int result, long offset, const char* status) {
        call().variables()["CPLAYBACKSTATUS"] = status;
        call().variables()["CPLAYBACKOFFSET"] = std::to_string(offset);
        auto ending =
            CommandEnd::result(std::to_string(result) + " endpos=" + std::to_string(offset));
        end(result < 0 ? ending.as_failure() : ending);
    }

    Time length_;
    Time skip_;
    Keys keys_;
    Time anchor_;
    Time base_;
    bool first_frame_;
    bool paused_ = false;
};

std::string word_or(const Words& words, std::size_t index, const char* fallback) {
    return words.size() > index && !words[index].empty() ? words[index] : fallback;
}

}  // namespace

// CONTROL STREAM FILE file stop [skipms [forward [rewind [pause [offsetms]]]]]
Outcome control_stream_file(CallState& call, const Words& words) {
    if (words.size() < 5 || words.size() > 10)
        return CommandEnd::usage();
    const auto skip = words.size() > 5 ? scan_int(words[5]) : 3000;
    const auto offset = words.size() > 9 ? scan_int(words[9]) : 0;
    if (!skip || !offset)
        return CommandEnd::usage();
    const Time begin = std::chrono::milliseconds(*offset);
    const auto length = call.begin_prompt(words[3], std::max(begin, Time{}));
    if (!length) {
        call.variables()["CPLAYBACKSTATUS"] = "ERROR";
        return CommandEnd::result("-1 endpos=-1").as_failure();
    }
    Keys keys{words[4], word_or(words, 6, "#"), word_or(words, 7, "*"), word_or(words, 8, "")};
    return std::make_unique<ControlStreamFile>(
        call, *length, begin, std::chrono::milliseconds(*skip), std::move(keys)
    );
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
