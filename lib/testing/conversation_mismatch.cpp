// SPDX-License-Identifier: MIT
// How a run of a Conversation fails, and what it says then.
#include "testing/conversation_script.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

void ScriptedPeer::script_ended(const std::string& how) {
    if (!at_end() && !is_past_hangup() && !(closed_ && script_.recorded))
        fail(how);
    else
        compare_audio();
    closed_ = true;
}

void ScriptedPeer::compare_audio() {
    if (auto difference = audio_.difference()) {
        const SourceLine line(script_.steps.front().where.file(), difference->record);
        fail_at(line, std::move(difference->expected), difference->actual);
    }
}

void ScriptedPeer::script_stalled() {
    fail(
        "nothing: the handler waits for " +
        (running_.empty() ? "something else" : "the answer to " + running_)
    );
}

std::string ScriptedPeer::expected() const {
    const auto* const present = step();
    if (!present)
        return "the end of the script";
    switch (present->kind) {
    case Step::Kind::interruption:
        return "that the script stops " + running_;
    case Step::Kind::wait:
        return "nothing for " + seconds_text(present->time) + ", of which " +
               seconds_text(present->time - wait_left_) + " had passed";
    default:
        return present->text;
    }
}

void ScriptedPeer::fail(const std::string& came) {
    const auto& steps = script_.steps;
    fail_at(
        steps.empty() ? where_ : steps[std::min(at_, steps.size() - 1)].where, expected(), came
    );
}

void ScriptedPeer::fail_at(SourceLine where, std::string expected, const std::string& came) {
    if (mismatch_)
        return;
    mismatch_.emplace(Mismatch::Details{
        std::move(where),
        std::min(at_ + 1, script_.steps.size()),
        script_.steps.size(),
        now_,
        std::move(expected),
        came,
        so_far_,
    });
    closed_ = true;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
