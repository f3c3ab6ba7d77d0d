// SPDX-License-Identifier: MIT
// Asterisk by a script: compares commands and sends replies.
#include "testing/conversation_script.hpp"

#include "protocol/own_commands.hpp"
#include "testing/caller_answer.hpp"

#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/testing/asterisk_tokenizer.hpp>

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

constexpr auto kStatusCheck = agi::detail::without_line_feed(agi::detail::kStatusCheck);

constexpr std::string_view kDead =
    "511 Command Not Permitted on a dead channel or intercept routine";

/// Such as `costrix-fence-1`, the quotes taken off.
std::string fence_name(std::string_view line) {
    const auto open = line.find('"') + 1;
    return std::string(line.substr(open, line.rfind('"') - open));
}

/// Whether the library asks for the channel's state after this.
bool is_doubtful(std::string_view command, std::string_view answer) {
    return agi::traits_of_line(command).ambiguous && answer.starts_with("200 result=-1");
}

}  // namespace

bool is_fence(std::string_view line) {
    return line.starts_with(agi::detail::kFence);
}

bool is_hangup_check(std::string_view line) {
    return line == agi::detail::without_line_feed(agi::detail::kHangupCheck);
}

ScriptedPeer::ScriptedPeer(const ConversationScript& script, SourceLine where)
    : script_(script), where_(std::move(where)), output_(script.environment) {
    if (!script_.steps.empty())
        wait_left_ = script_.steps.front().time;
    settle();
}

void ScriptedPeer::receive(std::string_view bytes) {
    input_ += bytes;
    for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
        const auto line = input_.substr(0, end);
        input_.erase(0, end + 1);
        if (!closed_)
            take_line(line);
    }
}

void ScriptedPeer::take_line(std::string_view line) {
    if (take_own_line(line))
        return;
    take_command(line);
}

/// What the library sends of its own accord, unless the script expects it literally.
bool ScriptedPeer::take_own_line(std::string_view line) {
    const auto* const next = step();
    const bool expects = next && next->kind == Step::Kind::expect;
    if (expects && next->matches(split_as_asterisk(line).words))
        return false;
    if (line == kStatusCheck && running_.empty() && !last_answer_.empty()) {
        note('>', line);
        say(hung_up_ ? kDead : "200 result=6");
        last_answer_.clear();
        return true;
    }
    if (is_hangup_check(line)) {  // after a 511, or in the h extension
        note('>', line);
        say(script_.tells_hangup ? "200 result=1 (1)" : "200 result=1 (1no)");
        return true;
    }
    if (is_fence(line) && !running_.empty()) {
        take_fence(line);
        return true;
    }
    return false;
}

/// Of the prompts, only WAIT FOR DIGIT answers when it is stopped.
void ScriptedPeer::take_fence(std::string_view line) {
    if (!step() || step()->kind != Step::Kind::interruption) {
        fail("the script stopped " + running_);
        return;
    }
    note('>', line);
    if (!step()->text.empty())
        say(step()->text);
    else if (!script_.recorded && running_.starts_with("WAIT FOR DIGIT"))
        say("200 result=1");
    say("200 result=1 (" + fence_name(line) + ")");
    running_.clear();
    next_step();
    settle();
}

void ScriptedPeer::take_command(std::string_view line) {
    const auto* const next = step();
    const bool expects = next && next->kind == Step::Kind::expect;
    if (!expects || !next->matches(split_as_asterisk(line).words)) {
        if (!meets_hangup(line))
            fail(std::string(line));
        return;
    }
    note('>', line);
    running_ = line;
    running_since_ = now_;
    last_answer_.clear();
    if (next->audio &&
        !audio_.connect(split_as_asterisk(line).words, *next->audio, next->recording))
        return fail(std::string(line));
    next_step();
    settle();
}

/// In a recording, whether the caller hung up before the handler sent a command like this one: it
/// is faster now than when it was recorded. The hangup then comes at once, and the command is
/// refused.
bool ScriptedPeer::meets_hangup(std::string_view line) {
    if (!script_.recorded || !running_.empty())
        return false;
    auto hangup = at_;
    while (hangup < script_.steps.size() && script_.steps[hangup].kind == Step::Kind::wait)
        ++hangup;
    if (hangup == script_.steps.size() || script_.steps[hangup].kind != Step::Kind::hangup)
        return false;
    note('>', line);
    at_ = hangup;
    act(*step());
    say(kDead);
    next_step();
    settle();
    return true;
}

/// In a recording, whether all steps that are left were refused on a dead channel.
bool ScriptedPeer::is_past_hangup() const {
    const auto& steps = script_.steps;
    return script_.recorded && hung_up_ &&
           std::none_of(
               steps.begin() + static_cast<std::ptrdiff_t>(at_),
               steps.end(),
               [](const Step& left) {
                   return left.kind == Step::Kind::interruption ||
                          (left.kind == Step::Kind::reply && !left.text.starts_with("511"));
               }
           );
}

std::optional<std::chrono::nanoseconds> ScriptedPeer::next_event() const {
    auto next = passes_time() ? std::optional(wait_left_) : std::nullopt;
    if (const auto due = audio_.next_due())
        next = std::min(next.value_or(*due - now_), *due - now_);
    return next;
}

void ScriptedPeer::advance(std::chrono::nanoseconds time) {
    now_ += time;
    if (passes_time())
        wait_left_ -= std::min(time, wait_left_);
    audio_.advance_to(now_);
    settle();
}

bool ScriptedPeer::passes_time() const noexcept {
    return step() && (step()->kind == Step::Kind::wait || step()->kind == Step::Kind::silence ||
                      step()->kind == Step::Kind::talk_over);
}

bool ScriptedPeer::waits_at(const Step& present) const noexcept {
    if (present.kind == Step::Kind::end_of_talk)
        return !audio_.ended();
    if (present.kind == Step::Kind::talk_over && audio_.over())
        return false;
    const bool waits = passes_time() && wait_left_.count() > 0;
    return waits || present.kind == Step::Kind::expect || present.kind == Step::Kind::interruption;
}

/// Does all that is Asterisk's to do now.
void ScriptedPeer::settle() {
    while (!closed_ && step()) {
        const auto& present = *step();
        if (waits_at(present))
            return;
        act(present);
        next_step();
        if (present.kind == Step::Kind::opens)
            wait_left_ =
                std::max(wait_left_ + audio_.begin(*present.recording), std::chrono::nanoseconds());
    }
}

void ScriptedPeer::next_step() {
    ++at_;
    wait_left_ = step() ? step()->time : std::chrono::nanoseconds();
    if (step() && step()->kind == Step::Kind::silence) {
        const auto end = running_since_ + silence_of(split_as_asterisk(running_).words);
        wait_left_ = std::max(end - now_, std::chrono::nanoseconds());
    }
}

void ScriptedPeer::act(const Step& present) {
    switch (present.kind) {
    case Step::Kind::reply:
        last_answer_ = is_doubtful(running_, present.text) ? present.text : "";
        if (!present.text.starts_with("1"))  // 100 Trying is not the answer yet
            running_.clear();
        audio_.end_talk();
        say(present.text);
        break;
    case Step::Kind::keys:
    case Step::Kind::silence:
        answer_caller(present);
        break;
    case Step::Kind::says:
        audio_.say(present.sound);
        break;
    case Step::Kind::talk_keys:
        audio_.press(present.text);
        break;
    case Step::Kind::end_of_talk:
        running_.clear();
        say("200 result=0");
        break;
    case Step::Kind::talk_over:
        if (!audio_.over())
            fail("the talk goes on");
        break;
    case Step::Kind::hangup:
        hang_up();
        break;
    case Step::Kind::close:
        closed_ = true;
        break;
    case Step::Kind::wait:
        note('#', "+" + seconds_text(present.time));
        break;
    case Step::Kind::expect:
    case Step::Kind::interruption:
    case Step::Kind::opens:
        break;
    }
}

void ScriptedPeer::answer_caller(const Step& present) {
    const auto words = split_as_asterisk(running_).words;
    const auto answer = present.answer(words, now_ - running_since_);
    if (!answer) {
        fail(running_);
        return;
    }
    running_.clear();
    say(*answer);
}

void ScriptedPeer::hang_up() {
    hung_up_ = true;
    audio_.hang_up();
    if (script_.tells_hangup)
        say("HANGUP");
    if (script_.exits_on_hangup)
        closed_ = true;
}

void ScriptedPeer::audio_changed() {
    settle();
}

void ScriptedPeer::say(std::string_view lines) {
    note('<', lines);
    output_.append(lines).append("\n");
}

void ScriptedPeer::note(char mark, std::string_view lines) {
    so_far_.push_back(std::string(1, mark) + ' ' + std::string(lines));
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
