// SPDX-License-Identifier: MIT
// Writing a conversation down, and running it.
#include "testing/asterisk/call_state.hpp"
#include "testing/asterisk/session_settings.hpp"
#include "testing/call_runner.hpp"
#include "testing/caller_answer.hpp"
#include "testing/conversation_script.hpp"

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/testing/asterisk_tokenizer.hpp>
#include <costrix/testing/conversation.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

using detail::Step;

namespace {

std::string how_ended(const std::exception_ptr& error) {
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
        return std::string("the end of the script, by an exception: ") + thrown.what();
    } catch (...) {
        return "the end of the script, by an exception";
    }
    return "the end of the script";
}

[[noreturn]] void misplaced(const SourceLine& where, const char* what) {
    throw std::logic_error(where.file() + ":" + std::to_string(where.line()) + ": " + what);
}

Conversation::Words words_of(std::string_view line) {
    return split_as_asterisk(line).words;
}

bool is_exec(const Conversation::Words& came, std::string_view application) {
    return came.size() > 2 && came[0] == "EXEC" && came[1] == application;
}

}  // namespace

Conversation::Conversation(std::string_view path) : Conversation(Scenario(path)) {}

Conversation::Conversation(const Scenario& scenario)
    : script_(std::make_unique<detail::ConversationScript>()) {
    script_->environment = detail::environment_block(detail::with_ids(scenario).data());
    script_->tells_hangup = detail::reports_hangup(scenario.data());
    script_->exits_on_hangup = detail::exits_on_hangup(scenario.data());
}

Conversation::Conversation(std::unique_ptr<detail::ConversationScript> script)
    : script_(std::move(script)) {}

Conversation::~Conversation() = default;
Conversation::Conversation(Conversation&&) noexcept = default;
Conversation& Conversation::operator=(Conversation&&) noexcept = default;

Conversation& Conversation::expect_that(
    std::string what,
    std::function<bool(const Words&)> matches,
    SourceLine where
) {
    if (script_->running)
        misplaced(where, "a command is expected before the one before it is answered");
    script_->running = true;
    script_->steps.push_back(
        {Step::Kind::expect, std::move(where), std::move(what), std::move(matches)}
    );
    return *this;
}

Conversation& Conversation::expect(std::string_view command, SourceLine where) {
    auto equals = [wanted = words_of(command)](const Words& came) { return came == wanted; };
    return expect_that(std::string(command), std::move(equals), std::move(where));
}

Conversation& Conversation::expect_begin(std::string_view command, SourceLine where) {
    auto begins = [wanted = words_of(command)](const Words& came) {
        return came.size() >= wanted.size() &&
               std::equal(wanted.begin(), wanted.end(), came.begin());
    };
    return expect_that(std::string(command) + " …", std::move(begins), std::move(where));
}

Conversation& Conversation::expect_interruption(SourceLine where) {
    if (!std::exchange(script_->running, false))
        misplaced(where, "an interruption is expected where no command runs");
    script_->steps.push_back({Step::Kind::interruption, std::move(where), {}});
    return *this;
}

Conversation& Conversation::reply(std::string_view lines, SourceLine where) {
    script_->talking = false;
    if (!std::exchange(script_->running, false))
        misplaced(where, "a reply where no command runs");
    const auto text = lines.substr(0, lines.find_last_not_of('\n') + 1);
    script_->steps.push_back({Step::Kind::reply, std::move(where), std::string(text)});
    return *this;
}

Conversation& Conversation::caller_presses(std::string_view keys, SourceLine where) {
    if (!script_->talking && !std::exchange(script_->running, false))
        misplaced(where, "the caller presses a key where no command runs, so it is lost");
    if (keys.empty() || !std::all_of(keys.begin(), keys.end(), agi::is_dtmf))
        throw std::invalid_argument(
            "caller_presses: \"" + std::string(keys) + "\" is not made of keys, 0-9 * # A-D"
        );
    if (script_->talking) {
        script_->steps.push_back({Step::Kind::talk_keys, std::move(where), std::string(keys)});
        return *this;
    }
    auto& step = script_->steps.emplace_back(Step{
        Step::Kind::keys, std::move(where), "a command that ends by " + std::string(keys)});
    step.answer = [keys = std::string(keys)](const Words& command, std::chrono::nanoseconds time) {
        return detail::answer_to_keys(command, keys, time);
    };
    return *this;
}

Conversation& Conversation::caller_is_silent(SourceLine where) {
    if (!std::exchange(script_->running, false))
        misplaced(where, "the caller is silent where no command runs");
    auto& step = script_->steps.emplace_back(Step{
        Step::Kind::silence, std::move(where), "a command that takes keys"});
    step.answer = detail::answer_to_silence;
    return *this;
}

Conversation& Conversation::caller_waits(std::chrono::nanoseconds time, SourceLine where) {
    script_->steps.push_back({Step::Kind::wait, std::move(where), {}, nullptr, time});
    return *this;
}

Conversation& Conversation::caller_hangs_up(SourceLine where) {
    script_->steps.push_back({Step::Kind::hangup, std::move(where), "HANGUP"});
    return *this;
}

Conversation& Conversation::asterisk_closes(SourceLine where) {
    script_->steps.push_back({Step::Kind::close, std::move(where), "the end of the connection"});
    script_->running = script_->talking = false;
    return *this;
}

Conversation& Conversation::expect_talk(SourceLine where) {
    auto begins = [](const Words& came) { return is_exec(came, "AudioSocket"); };
    expect_that("EXEC AudioSocket …", std::move(begins), std::move(where));
    script_->steps.back().audio = detail::AudioLeg::Kind::talk;
    script_->talking = true;
    return *this;
}

Conversation& Conversation::expect_end_of_talk(SourceLine where) {
    if (!std::exchange(script_->talking, false))
        misplaced(where, "the end of a talk is expected where there is none");
    script_->running = false;
    script_->steps.push_back(
        {Step::Kind::end_of_talk, std::move(where), "that the script ends the talk"}
    );
    return *this;
}

Conversation& Conversation::expect_open_audio(SourceLine where) {
    auto begins = [](const Words& came) { return is_exec(came, "Originate"); };
    expect_that("EXEC Originate AudioSocket/…", std::move(begins), where);
    script_->steps.back().audio = detail::AudioLeg::Kind::listen;
    return reply("200 result=0", std::move(where));
}

Conversation& Conversation::caller_says(Waveform sound, SourceLine where) {
    Step step{Step::Kind::says, std::move(where), "that the caller speaks"};
    step.sound = std::move(sound);
    script_->steps.push_back(std::move(step));
    return *this;
}

Conversation& Conversation::patience(std::chrono::milliseconds time) {
    script_->patience = time;
    return *this;
}

CallEnd Conversation::run(const CallFlow& flow, SourceLine where) const {
    detail::ScriptedPeer peer(*script_, std::move(where));
    detail::CallRunner runner(peer, flow, script_->patience);
    if (runner.run())
        peer.script_ended(how_ended(runner.error()));
    else
        peer.script_stalled();
    const auto error = runner.error();
    if (!runner.begun() && error)
        std::rethrow_exception(error);
    if (peer.mismatch()) {
        detail::report(*peer.mismatch());
        throw *peer.mismatch();
    }
    if (error)
        std::rethrow_exception(error);
    return {runner.hung_up(), runner.now(), peer.heard()};
}

}  // namespace costrix::inline COSTRIX_ABI::testing
