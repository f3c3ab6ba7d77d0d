// SPDX-License-Identifier: MIT
// The steps of a Conversation, and the Asterisk that goes by them.
#pragma once

#include "peer.hpp"

#include <costrix/testing/conversation.hpp>
#include <costrix/testing/mismatch.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::testing::detail {

/// One step.
struct Step {
    enum class Kind {
        expect,        ///< the script sends a command
        interruption,  ///< the script stops the prompt that runs
        answer,        ///< Asterisk answers
        wait,          ///< time passes
        hangup,        ///< the caller hangs up
        close,         ///< Asterisk closes the connection
    } kind;
    Place place;
    std::string text;  ///< what is expected, in words; what is answered
    std::function<bool(const Conversation::Words&)> matches = nullptr;
    std::chrono::nanoseconds time{};
    bool lenient = false;  ///< a recording's: see Replay
};

/// All of a Conversation.
struct ConversationScript {
    std::string environment;
    bool tells_hangup = true;  ///< AGISIGHUP
    bool exits_on_hangup = false;
    std::vector<Step> steps;
    bool running = false;  ///< a command is expected and not answered yet
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
};

/// Such as `1.50 s`.
std::string seconds_text(std::chrono::nanoseconds time);

/// Plays Asterisk by a script; the first thing that goes otherwise is kept and ends it.
class ScriptedPeer final : public Peer {
public:
    explicit ScriptedPeer(const ConversationScript& script);

    void receive(std::string_view bytes) override;
    void script_closed() override;
    std::string take_output() override { return std::exchange(output_, {}); }
    bool closed() const override { return closed_; }
    bool failed() const override { return mismatch_.has_value(); }
    std::optional<std::chrono::nanoseconds> next_event() const override;
    void advance(std::chrono::nanoseconds time) override;

    const std::optional<Mismatch>& mismatch() const noexcept { return mismatch_; }
    /// The handler ended, or did not, with steps left; `came` is what it did instead.
    void fail(const std::string& came);
    bool at_end() const noexcept { return at_ == script_.steps.size(); }

private:
    void take_line(std::string_view line);
    bool take_own_line(std::string_view line);
    void take_fence(std::string_view line);
    void take_command(std::string_view line);
    void settle();
    void next_step();
    void act(const Step& step);
    void hang_up();
    void say(std::string_view lines);
    void note(char mark, std::string_view lines);
    const Step* step() const noexcept { return at_end() ? nullptr : &script_.steps[at_]; }
    std::string expected() const;

    const ConversationScript& script_;
    std::size_t at_ = 0;
    std::chrono::nanoseconds now_{};
    std::chrono::nanoseconds wait_left_{};
    std::string output_;
    std::string input_;    // a line that is not complete
    std::string running_;  // the command that is not answered; empty when there is none
    std::string last_answer_;
    std::vector<std::string> so_far_;
    std::optional<Mismatch> mismatch_;
    bool hung_up_ = false;
    bool closed_ = false;
};

}  // namespace costrix::testing::detail
