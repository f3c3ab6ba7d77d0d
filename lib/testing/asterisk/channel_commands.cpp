// SPDX-License-Identifier: MIT
// Commands on the channel itself: ANSWER, HANGUP, the SETs, the SENDs and the like.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"

#include <algorithm>
#include <tuple>

namespace costrix::testing::detail {

namespace {

// Most commands that take one argument and never fail.
Outcome set_one(const Words& words, std::string& target) {
    if (words.size() != 3) {
        return Ending::usage();
    }
    target = words[2];
    return Ending::result(0);
}

Outcome send(Call& call, const Words& words) {
    if (words.size() != 3) {
        return Ending::usage();
    }
    call.log(EventKind::sent, words[2]);
    return Ending::result(0);
}

}  // namespace

Outcome noop(Call& /*call*/, const Words& /*words*/) {
    return Ending::result(0);
}

Outcome asyncagi_break(Call& /*call*/, const Words& /*words*/) {
    return Ending::result(0);
}

Outcome answer(Call& call, const Words& /*words*/) {
    if (call.answered()) {
        return Ending::result(0);
    }
    call.go_up();
    if (call.data().answer_delay == Time{}) {
        return Ending::result(0);
    }
    return std::make_unique<Pause>(call, call.data().answer_delay, Ending::result(0));
}

Outcome hangup(Call& call, const Words& words) {
    if (words.size() > 2) {
        return Ending::usage();
    }
    if (words.size() == 2 && !call.channel_exists(words[1])) {
        return Ending::result(-1);
    }
    if (words.size() == 1 || call.is_own(words[1])) {
        call.hang_up("HANGUP");
    }
    return Ending::result(1);
}

Outcome channel_status(Call& call, const Words& words) {
    if (words.size() > 3) {
        return Ending::usage();
    }
    if (words.size() == 3 && !call.channel_exists(words[2])) {
        return Ending::result(-1);
    }
    constexpr int ringing = 4;
    constexpr int up = 6;
    return Ending::result(call.answered() ? up : ringing);
}

Outcome send_image(Call& call, const Words& words) {
    return send(call, words);
}

Outcome send_text(Call& call, const Words& words) {
    return send(call, words);
}

Outcome set_autohangup(Call& call, const Words& words) {
    const auto after = words.size() == 3 ? scan_seconds(words[2]) : std::nullopt;
    if (!after) {
        return Ending::usage();
    }
    call.set_autohangup(*after > Time{} ? after : std::nullopt);
    return Ending::result(0);
}

Outcome set_callerid(Call& call, const Words& words) {
    if (words.size() > 2) {
        std::tie(call.caller_name, call.caller_number) = parse_caller_id(words[2]);
    }
    return Ending::result(1);
}

Outcome set_context(Call& call, const Words& words) {
    return set_one(words, call.context);
}

Outcome set_extension(Call& call, const Words& words) {
    return set_one(words, call.extension);
}

Outcome set_music(Call& /*call*/, const Words& words) {
    return words.size() < 3 ? Ending::usage() : Ending::result(0);
}

Outcome set_priority(Call& call, const Words& words) {
    if (words.size() != 3) {
        return Ending::usage();
    }
    auto priority = scan_int(words[2]);
    if (!priority) {
        const auto label = call.data().labels.find(words[2]);
        if (label == call.data().labels.end()) {
            return Ending::usage();
        }
        priority = label->second;
    }
    call.priority = std::max(*priority, 0) - 1;  // the dialplan goes on one after where it stands
    return Ending::result(0);
}

Outcome tdd_mode(Call& /*call*/, const Words& words) {
    return words.size() != 3 ? Ending::usage() : Ending::result(0);
}

Outcome verbose(Call& call, const Words& words) {
    if (words.size() < 2) {
        return Ending::usage();
    }
    call.log(EventKind::log, words[1]);
    return Ending::result(1);
}

}  // namespace costrix::testing::detail
