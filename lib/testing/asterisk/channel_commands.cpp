// SPDX-License-Identifier: MIT
// Commands on the channel itself: ANSWER, HANGUP, the SETs, the SENDs and the like.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// Most commands that take one argument and never fail.
Outcome set_one(const Words& words, std::string& target) {
    if (words.size() != 3)
        return CommandEnd::usage();
    target = words[2];
    return CommandEnd::result(0);
}

Outcome send(CallState& call, const Words& words) {
    if (words.size() != 3)
        return CommandEnd::usage();
    call.log(EventKind::sent, words[2]);
    return CommandEnd::result(0);
}

}  // namespace

Outcome noop(CallState& /*call*/, const Words& /*words*/) {
    return CommandEnd::result(0);
}

Outcome asyncagi_break(CallState& /*call*/, const Words& /*words*/) {
    return CommandEnd::result(0);
}

Outcome answer(CallState& call, const Words& /*words*/) {
    if (call.answered())
        return CommandEnd::result(0);
    call.go_up();
    if (call.data().answer_delay == Time{})
        return CommandEnd::result(0);
    return std::make_unique<Pause>(call, call.data().answer_delay, CommandEnd::result(0));
}

Outcome hangup(CallState& call, const Words& words) {
    if (words.size() > 2)
        return CommandEnd::usage();
    if (words.size() == 2 && !call.channel_exists(words[1]))
        return CommandEnd::result(-1);
    if (words.size() == 1 || call.is_own(words[1]))
        call.hang_up("HANGUP");
    return CommandEnd::result(1);
}

Outcome channel_status(CallState& call, const Words& words) {
    if (words.size() > 3)
        return CommandEnd::usage();
    if (words.size() == 3 && !call.channel_exists(words[2]))
        return CommandEnd::result(-1);
    constexpr int ringing = 4;
    constexpr int up = 6;
    return CommandEnd::result(call.answered() ? up : ringing);
}

Outcome send_image(CallState& call, const Words& words) {
    return send(call, words);
}

Outcome send_text(CallState& call, const Words& words) {
    return send(call, words);
}

Outcome set_autohangup(CallState& call, const Words& words) {
    const auto after = words.size() == 3 ? scan_seconds(words[2]) : std::nullopt;
    if (!after)
        return CommandEnd::usage();
    call.set_autohangup(*after > Time{} ? after : std::nullopt);
    return CommandEnd::result(0);
}

Outcome set_callerid(CallState& call, const Words& words) {
    if (words.size() > 2)
        call.caller_id = parse_caller_id(words[2]);
    return CommandEnd::result(1);
}

Outcome set_context(CallState& call, const Words& words) {
    return set_one(words, call.location.context);
}

Outcome set_extension(CallState& call, const Words& words) {
    return set_one(words, call.location.extension);
}

Outcome set_music(CallState& /*call*/, const Words& words) {
    return words.size() < 3 ? CommandEnd::usage() : CommandEnd::result(0);
}

Outcome set_priority(CallState& call, const Words& words) {
    if (words.size() != 3)
        return CommandEnd::usage();
    auto priority = scan_int(words[2]);
    if (!priority) {
        const auto label = call.data().labels.find(words[2]);
        if (label == call.data().labels.end())
            return CommandEnd::usage();
        priority = label->second;
    }
    // The dialplan continues one priority after this.
    call.location.priority = std::max(*priority, 0) - 1;
    return CommandEnd::result(0);
}

Outcome tdd_mode(CallState& /*call*/, const Words& words) {
    return words.size() != 3 ? CommandEnd::usage() : CommandEnd::result(0);
}

Outcome verbose(CallState& call, const Words& words) {
    if (words.size() < 2)
        return CommandEnd::usage();
    call.log(EventKind::log, words[1]);
    return CommandEnd::result(1);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
