// SPDX-License-Identifier: MIT
// The SPEECH family: 0 for everything without an engine, scripted utterances with one.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

Outcome with_object(const CallState& call, const Words& words, std::size_t count) {
    return words.size() != count ? CommandEnd::usage()
                                 : CommandEnd::result(call.speech_object ? 1 : 0);
}

// The prompt plays, the caller speaks or presses a key; both end it. Asterisk tells where the
// prompt was only when the engine has stopped it, which res_speech_aeap never does: endpos is 0.
class Recognize final : public RunningCommand {
public:
    Recognize(CallState& call, Time prompt, Time timeout)
        : RunningCommand(call), end_of_wait_(later(call.now() + prompt, timeout)) {
        const auto& utterances = call.data().utterances;
        if (call.utterance < utterances.size()) {
            heard_ = utterances[call.utterance];
            heard_at_ = call.now() + heard_->after;
        }
        const auto next = std::min(heard_ ? heard_at_ : kNever, end_of_wait_);
        wait(next == kNever ? kNever : next - call.now());
    }

    void expire() override {
        if (heard_ && heard_at_ <= call().now()) {
            ++call().utterance;
            end(CommandEnd::result(
                "1 (speech) endpos=0 results=1 score0=" + std::to_string(heard_->score) +
                " text0=\"" + heard_->text + "\" grammar0=" + heard_->grammar
            ));
        } else {
            end(CommandEnd::result("1 (timeout) endpos=0"));
        }
    }
    void key(char key) override {
        end(CommandEnd::result(std::string("1 (digit) digit=") + key + " endpos=0"));
    }
    void hang_up() override { end(CommandEnd::result("1 (hangup) endpos=0")); }

private:
    Time end_of_wait_;
    std::optional<Utterance> heard_;
    Time heard_at_{};
};

}  // namespace

Outcome speech_create(CallState& call, const Words& /*words*/) {
    const bool created = call.data().speech_engine && !call.speech_object;
    call.speech_object = call.data().speech_engine;
    return CommandEnd::result(created ? 1 : 0);
}

Outcome speech_destroy(CallState& call, const Words& /*words*/) {
    const bool had = call.speech_object;
    call.speech_object = false;
    return CommandEnd::result(had ? 1 : 0);
}

Outcome speech_set(CallState& call, const Words& words) {
    return with_object(call, words, 4);
}

Outcome speech_load_grammar(CallState& call, const Words& words) {
    return with_object(call, words, 5);
}

Outcome speech_unload_grammar(CallState& call, const Words& words) {
    return with_object(call, words, 4);
}

Outcome speech_activate_grammar(CallState& call, const Words& words) {
    return with_object(call, words, 4);
}

Outcome speech_deactivate_grammar(CallState& call, const Words& words) {
    return with_object(call, words, 4);
}

// SPEECH RECOGNIZE prompt timeout [offset]; the timeout is in seconds.
Outcome speech_recognize(CallState& call, const Words& words) {
    if (words.size() < 4)
        return CommandEnd::usage();
    if (!call.speech_object)
        return CommandEnd::result(0);
    const Time offset = (words.size() > 4 ? as_int(words[4]) : 0) * 125us;
    const auto length = call.begin_prompt(words[2], std::max(offset, Time{})).value_or(Time{});
    const int seconds = as_int(words[3]);
    return std::make_unique<Recognize>(
        call,
        PlayingSound(call.now(), length, offset).duration(),
        seconds < 0 ? kNever : Time(std::chrono::seconds(seconds))
    );
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
