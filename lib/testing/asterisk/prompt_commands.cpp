// SPDX-License-Identifier: MIT
// STREAM FILE, GET OPTION, GET DATA, WAIT FOR DIGIT: what a script's bytes interrupt.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <costrix/testing/event.hpp>

#include <cstddef>
#include <cstdlib>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

Time milliseconds_or_for_ever(int value) {
    return value < 0 ? kNever : Time(std::chrono::milliseconds(value));
}

class StreamFile final : public RunningCommand {
public:
    StreamFile(CallState& call, PlayingSound playback, std::string escape)
        : RunningCommand(call), playback_(playback), escape_(std::move(escape)) {
        wait(playback_.duration());
    }

    void expire() override { finish(0); }
    void key(char key) override {
        if (escapes(escape_, key))
            finish(key);
    }
    void input() override { end(CommandEnd::silent()); }
    void hang_up() override { finish(-1); }

private:
    void finish(int result) {
        call().variables()["PLAYBACKSTATUS"] = result == 0 ? "SUCCESS" : "FAILED";
        const auto ending =
            CommandEnd::result(with_endpos(result, playback_.position(call().now())));
        end(result < 0 ? CommandEnd(ending).as_failure() : ending);
    }

    PlayingSound playback_;
    std::string escape_;
};

class GetOption final : public RunningCommand {
public:
    GetOption(CallState& call, PlayingSound playback, std::string escape, Time timeout)
        : RunningCommand(call), playback_(playback), escape_(std::move(escape)), timeout_(timeout) {
        wait(playback_.duration());
    }

    void expire() override {
        if (waiting_) {
            finish(0);
        } else if (timeout_ == Time{}) {
            finish(0);
        } else {
            waiting_ = true;
            wait(timeout_);
        }
    }
    void key(char key) override {
        if (escapes(escape_, key))
            finish(key);
        else if (waiting_)
            finish(0);
    }
    void input() override {
        if (waiting_)
            finish(0);
        else
            end(CommandEnd::silent());
    }
    void hang_up() override { finish(waiting_ ? 0 : -1); }

private:
    void finish(int result) {
        end(CommandEnd::result(with_endpos(result, playback_.position(call().now()))));
    }

    PlayingSound playback_;
    std::string escape_;
    Time timeout_;
    bool waiting_ = false;
};

class WaitForDigit final : public RunningCommand {
public:
    WaitForDigit(CallState& call, Time timeout) : RunningCommand(call) { wait(timeout); }

    void expire() override { end(CommandEnd::result(0)); }
    void key(char key) override { end(CommandEnd::result(key)); }
    void input() override { end(CommandEnd::result(1)); }
};

// The prompt, then digits until #, the maximum, or too long a pause.
class GetData final : public RunningCommand {
public:
    GetData(CallState& call, Time prompt, Time first, Time next, std::size_t maximum)
        : RunningCommand(call), first_(first), next_(next), maximum_(maximum),
          playing_(prompt > Time{}) {
        wait(playing_ ? prompt : first);
    }

    void expire() override {
        if (playing_) {
            playing_ = false;
            wait(first_);
        } else {
            end(CommandEnd::result(digits_ + " (timeout)"));
        }
    }
    void key(char key) override {
        playing_ = false;
        if (key != '#')
            digits_ += key;
        if (key == '#' || digits_.size() >= maximum_)
            end(CommandEnd::result(digits_));
        else
            wait(next_);
    }
    void input() override { end(CommandEnd::silent()); }
    void hang_up() override { end(CommandEnd::result(-1)); }

private:
    Time first_;
    Time next_;
    std::size_t maximum_;
    bool playing_;
    std::string digits_;
};

}  // namespace

Outcome stream_file(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5)
        return CommandEnd::usage();
    long offset = 0;
    if (words.size() == 5) {
        const auto given = scan_int(words[4]);
        if (!given)
            return CommandEnd::usage();
        offset = *given;
    }
    const Time skip = offset * 125us;
    const auto length = call.begin_prompt(words[2], std::max(skip, Time{}));
    if (!length)
        return CommandEnd::result("-1 endpos=" + std::to_string(offset)).as_failure();
    return std::make_unique<StreamFile>(call, PlayingSound(call.now(), *length, skip), words[3]);
}

Outcome get_option(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5)
        return CommandEnd::usage();
    const auto length = call.begin_prompt(words[2]);
    if (!length)
        return CommandEnd::result("-1 endpos=0").as_failure();
    // Without a timeout it is the dialplan's digit timeout, five seconds.
    const auto timeout = words.size() == 5 ? milliseconds_or_for_ever(as_int(words[4])) : Time(5s);
    return std::make_unique<GetOption>(call, PlayingSound(call.now(), *length), words[3], timeout);
}

Outcome get_data(CallState& call, const Words& words) {
    if (words.size() < 3)
        return CommandEnd::usage();
    const int timeout = words.size() > 3 ? as_int(words[3]) : 0;
    const int maximum = words.size() > 4 ? as_int(words[4]) : 1024;
    Time prompt{};
    if (words[2].empty())
        call.respond_to("");
    else if (const auto length = call.begin_prompt(words[2]))
        prompt = *length;
    else
        return CommandEnd::result(-1);
    const auto both = milliseconds_or_for_ever(timeout);
    return std::make_unique<GetData>(
        call,
        prompt,
        timeout == 0 ? Time(6s) : both,
        timeout == 0 ? Time(2s) : both,
        maximum < 1 ? 1 : static_cast<std::size_t>(maximum)
    );
}

Outcome wait_for_digit(CallState& call, const Words& words) {
    const auto timeout = words.size() == 4 ? scan_int(words[3]) : std::nullopt;
    if (!timeout)
        return CommandEnd::usage();
    if (*timeout == 0)
        return CommandEnd::result(0);
    call.respond_to("");
    return std::make_unique<WaitForDigit>(call, milliseconds_or_for_ever(*timeout));
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
