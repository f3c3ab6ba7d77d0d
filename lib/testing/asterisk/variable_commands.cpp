// SPDX-License-Identifier: MIT
// GET and SET of variables, and the DATABASE commands.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"

#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// GET VARIABLE's buffer holds this much, and cuts without a word.
constexpr std::size_t kGetVariableLimit = 1023;

CommandEnd found(const std::string& value) {
    return CommandEnd::result("1 (" + value + ")");
}

}  // namespace

Outcome get_variable(CallState& call, const Words& words) {
    if (words.size() != 3)
        return CommandEnd::usage();
    const auto value = read_variable(call, words[2]);
    const auto open = words[2].find('(');
    const bool function = open != std::string::npos && words[2].ends_with(')');
    if (!value && function && !call.data().functions.contains(words[2].substr(0, open)))
        call.log(EventKind::unsimulated, "dialplan function " + words[2].substr(0, open));
    return value ? found(value->substr(0, kGetVariableLimit)) : CommandEnd::result(0);
}

Outcome get_full_variable(CallState& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5)
        return CommandEnd::usage();
    if (words.size() == 4 || words[4] == call.data().channel)
        return found(expand(call, words[3]));
    if (!call.channel_exists(words[4]))
        return CommandEnd::result(0);
    const CallState other(Scenario().channel(words[4]));
    return found(expand(other, words[3]));
}

Outcome set_variable(CallState& call, const Words& words) {
    if (words.size() != 4)
        return CommandEnd::usage();
    write_variable(call, words[2], words[3]);
    return CommandEnd::result(1);
}

Outcome database_get(CallState& call, const Words& words) {
    if (words.size() != 4)
        return CommandEnd::usage();
    const auto entry = call.database().find(database_key(words[2], words[3]));
    return entry == call.database().end() ? CommandEnd::result(0) : found(entry->second);
}

Outcome database_put(CallState& call, const Words& words) {
    if (words.size() != 5)
        return CommandEnd::usage();
    call.database()[database_key(words[2], words[3])] = words[4];
    return CommandEnd::result(1);
}

// A key that is not there counts as deleted.
Outcome database_del(CallState& call, const Words& words) {
    if (words.size() != 4)
        return CommandEnd::usage();
    call.database().erase(database_key(words[2], words[3]));
    return CommandEnd::result(1);
}

// The result is upside down, and has been since 2012: 0 is success.
Outcome database_deltree(CallState& call, const Words& words) {
    if (words.size() < 3 || words.size() > 4)
        return CommandEnd::usage();
    const auto tree = words.size() == 4 ? database_key(words[2], words[3]) : "/" + words[2];
    const auto deleted = std::erase_if(call.database(), [&](const auto& entry) {
        return entry.first == tree || entry.first.starts_with(tree + "/");
    });
    return CommandEnd::result(deleted > 0 ? 0 : 1);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
