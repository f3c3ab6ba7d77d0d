// SPDX-License-Identifier: MIT
// GET and SET of variables, and the DATABASE commands.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"

#include <cstddef>

namespace costrix::testing::detail {

namespace {

// GET VARIABLE's buffer holds this much, and cuts without a word.
constexpr std::size_t get_variable_limit = 1023;

Ending found(const std::string& value) {
    return Ending::result("1 (" + value + ")");
}

}  // namespace

Outcome get_variable(Call& call, const Words& words) {
    if (words.size() != 3) {
        return Ending::usage();
    }
    const auto value = read_variable(call, words[2]);
    const auto open = words[2].find('(');
    const bool function = open != std::string::npos && words[2].ends_with(')');
    if (!value && function && !call.data().functions.contains(words[2].substr(0, open))) {
        call.log(EventKind::unsimulated, "dialplan function " + words[2].substr(0, open));
    }
    return value ? found(value->substr(0, get_variable_limit)) : Ending::result(0);
}

Outcome get_full_variable(Call& call, const Words& words) {
    if (words.size() < 4 || words.size() > 5) {
        return Ending::usage();
    }
    if (words.size() == 4 || words[4] == call.data().channel) {
        return found(expand(call, words[3]));
    }
    if (!call.channel_exists(words[4])) {
        return Ending::result(0);
    }
    const Call other(Scenario().channel(words[4]));
    return found(expand(other, words[3]));
}

Outcome set_variable(Call& call, const Words& words) {
    if (words.size() != 4) {
        return Ending::usage();
    }
    write_variable(call, words[2], words[3]);
    return Ending::result(1);
}

Outcome database_get(Call& call, const Words& words) {
    if (words.size() != 4) {
        return Ending::usage();
    }
    const auto entry = call.database().find(database_key(words[2], words[3]));
    return entry == call.database().end() ? Ending::result(0) : found(entry->second);
}

Outcome database_put(Call& call, const Words& words) {
    if (words.size() != 5) {
        return Ending::usage();
    }
    call.database()[database_key(words[2], words[3])] = words[4];
    return Ending::result(1);
}

// A key that is not there counts as deleted.
Outcome database_del(Call& call, const Words& words) {
    if (words.size() != 4) {
        return Ending::usage();
    }
    call.database().erase(database_key(words[2], words[3]));
    return Ending::result(1);
}

// The result is upside down, and has been since 2012: 0 is success.
Outcome database_deltree(Call& call, const Words& words) {
    if (words.size() < 3 || words.size() > 4) {
        return Ending::usage();
    }
    const auto tree = words.size() == 4 ? database_key(words[2], words[3]) : "/" + words[2];
    const auto deleted = std::erase_if(call.database(), [&](const auto& entry) {
        return entry.first == tree || entry.first.starts_with(tree + "/");
    });
    return Ending::result(deleted > 0 ? 0 : 1);
}

}  // namespace costrix::testing::detail
