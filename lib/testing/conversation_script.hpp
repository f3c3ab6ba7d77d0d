// SPDX-License-Identifier: MIT
// The steps of a Conversation, and the Asterisk that follows them.
#pragma once

#include "testing/peer.hpp"
#include "testing/scripted_audio.hpp"

#include <costrix/testing/conversation.hpp>
#include <costrix/testing/mismatch.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// One step.
struct Step {
    enum class Kind {
        expect,        ///< the script sends a command
        interruption,  ///< the script stops the prompt that runs
        reply,         ///< Asterisk answers
        keys,          ///< the caller presses keys that end the command
        silence,       ///< the caller presses none until the command ends
        says,          ///< the caller says something
        talk_keys,     ///< the caller presses keys during a talk
        end_of_talk,   ///< the script ends the talk
        talk_over,     ///< the same in a recording, in its time; the answer is a step of its own
        opens,         ///< a recorded audio line begins
        wait,          ///< time passes
        hangup,        ///< the caller hangs up
        close,         ///< Asterisk closes the connection
    } kind;
    SourceLine where;
    std::string text;  ///< what is expected, in words; what is answered, before a fence's echo too
    std::function<bool(const Conversation::Words&)> matches = nullptr;
    std::chrono::nanoseconds time{};
    /// Of keys and silence: the answer to the command, this long after it came.
    std::function<
        std::optional<std::string>(const Conversation::Words& command, std::chrono::nanoseconds)>
        answer = nullptr;
    /// Of an expected command: it makes an audio connection.
    std::optional<AudioLeg::Kind> audio = std::nullopt;
    /// Of that, and of a line that opens.
    std::shared_ptr<const RecordedAudio> recording = nullptr;
    Waveform sound = {};
};

/// The contents of a Conversation.
struct ConversationScript {
    std::string environment;
    bool tells_hangup = true;  ///< AGISIGHUP
    bool exits_on_hangup = false;
    bool recorded = false;  ///< the moment of a hangup is by chance: see conversation_of()
    std::vector<Step> steps;
    bool running = false;  ///< a command is expected and not answered yet
    bool talking = false;  ///< which is a talk
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
};

/// Whether a command is the library's own, to stop a prompt.
bool is_fence(std::string_view line);
/// The library's question whether the channel is hung up.
bool is_hangup_check(std::string_view line);

/// Passes the mismatch to the process's reporter, if there is one.
void report(const Mismatch& mismatch);

/// Such as `1.50 s`.
std::string seconds_text(std::chrono::nanoseconds time);

/// Plays Asterisk by a script; the first mismatch ends it.
class ScriptedPeer final : public Peer {
public:
    /// A mismatch points to `where` if the script has no steps.
    ScriptedPeer(const ConversationScript& script, SourceLine where);

    void receive(std::string_view bytes) override;
    std::string take_output() override { return std::exchange(output_, {}); }
    std::vector<std::shared_ptr<AudioLeg>> take_audio_connections() override {
        return audio_.take_new();
    }
    bool closed() const override { return closed_; }
    bool failed() const override { return mismatch_.has_value(); }
    std::optional<std::chrono::nanoseconds> next_event() const override;
    void advance(std::chrono::nanoseconds time) override;

    const std::optional<Mismatch>& mismatch() const noexcept { return mismatch_; }
    /// The handler has ended; `how` in words.
    void script_ended(const std::string& how);
    /// The handler does not end.
    void script_stalled();
    bool at_end() const noexcept { return at_ == script_.steps.size(); }
    const HeardAudio& heard() const noexcept { return audio_.heard(); }

private:
    void fail(const std::string& came);
    void fail_at(SourceLine where, std::string expected, const std::string& came);
    void compare_audio();
    void take_line(std::string_view line);
    bool take_own_line(std::string_view line);
    void take_fence(std::string_view line);
    void take_command(std::string_view line);
    bool is_past_hangup() const;
    bool meets_hangup(std::string_view line);
    void settle();
    void next_step();
    void act(const Step& step);
    void answer_caller(const Step& step);
    void hang_up();
    void audio_changed();
    void say(std::string_view lines);
    void note(char mark, std::string_view lines);
    bool passes_time() const noexcept;
    bool waits_at(const Step& step) const noexcept;
    const Step* step() const noexcept { return at_end() ? nullptr : &script_.steps[at_]; }
    std::string expected() const;

    const ConversationScript& script_;
    SourceLine where_;
    std::size_t at_ = 0;
    std::chrono::nanoseconds now_{};
    std::chrono::nanoseconds wait_left_{};
    std::string output_;
    std::string input_;    // a line that is not complete
    std::string running_;  // the command that is not answered; empty when there is none
    std::chrono::nanoseconds running_since_{};
    std::string last_answer_;
    std::vector<std::string> so_far_;
    std::optional<Mismatch> mismatch_;
    ScriptedAudio audio_{[this] { audio_changed(); }};
    bool hung_up_ = false;
    bool closed_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
