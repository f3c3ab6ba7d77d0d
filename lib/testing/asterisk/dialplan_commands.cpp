// SPDX-License-Identifier: MIT
// EXEC and GOSUB: what runs in the dialplan on a script's behalf.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/dialplan_applications.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"

#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

const Subroutine* find_subroutine(const CallState& call, const Words& words) {
    const auto found = call.data().subroutines.find(words[1] + "," + words[2] + "," + words[3]);
    return found == call.data().subroutines.end() ? nullptr : &found->second;
}

// Return() gives its value with the subroutine's own arguments in view.
std::string return_value(CallState& call, const std::string& value, const std::string& arguments) {
    const auto saved = call.variables();
    const auto pieces = split_arguments(arguments, true);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        call.variables()["ARG" + std::to_string(i + 1)] = pieces[i];
    auto result = expand(call, value);
    call.variables() = saved;
    return result;
}

}  // namespace

Outcome exec(CallState& call, const Words& words) {
    if (words.size() < 2)
        return CommandEnd::usage();
    const auto& arguments = words.size() > 2 ? words[2] : std::string();
    const auto full = call.variables().find("AGIEXECFULL");
    const bool expanded = full != call.variables().end() && is_true(full->second);
    return run_application(call, words[1], expanded ? expand(call, arguments) : arguments);
}

Outcome gosub(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5)
        return CommandEnd::usage();
    const auto* subroutine = find_subroutine(call, words);
    if (subroutine == nullptr)
        return CommandEnd::result("-1 Gosub label not found").as_failure();
    const auto arguments = words.size() > 4 ? words[4] : std::string();
    const auto abnormal = CommandEnd::result("0 Gosub complete (abnormal exit)");
    const auto effect = [&call, subroutine, arguments] {
        if (subroutine->leaves) {
            call.hang_up("the dialplan");
        } else if (!call.hung_up()) {
            auto value = return_value(call, subroutine->value, arguments);
            call.variables()["GOSUB_RETVAL"] = std::move(value);
        }
    };
    auto running = std::make_unique<Pause>(
        call,
        subroutine->duration,
        subroutine->leaves ? abnormal : CommandEnd::result("0 Gosub complete"),
        effect
    );
    running->saying("100 result=0 Trying...").on_hangup(abnormal);
    return running;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
