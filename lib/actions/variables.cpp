// SPDX-License-Identifier: MIT
// Actions on channel variables.
#include "actions/results.hpp"

#include <costrix/agi/actions/variables.hpp>

namespace costrix::agi {

void GetVariable::encode(CommandLine& line) const {
    line.argument(name_, "name");
}

std::optional<std::string> GetVariable::parse(const Reply& reply) {
    return detail::value_if_one(reply);
}

void GetFullVariable::encode(CommandLine& line) const {
    line.argument(expression_, "expression");
    if (!channel_.empty())
        line.argument(channel_, "channel");
}

std::optional<std::string> GetFullVariable::parse(const Reply& reply) {
    return detail::value_if_one(reply);
}

void SetVariable::encode(CommandLine& line) const {
    line.argument(name_, "name").argument(value_, "value");
}

}  // namespace costrix::agi
