// SPDX-License-Identifier: MIT
// Actions that wait for the caller's keys.
#include "actions/results.hpp"

#include <costrix/agi/actions/input.hpp>

namespace costrix::agi {

void GetData::encode(CommandLine& line) const {
    if (max_digits_ < 1 || max_digits_ > kMostDigits)
        line.refuse("max_digits", "is " + std::to_string(max_digits_) + ", not 1 to 1023");
    line.argument(file_, "file");
    if (timeout_)
        line.number(timeout_->count(), "timeout", 1);
    else
        line.number(0);  // Asterisk's own time-outs
    line.number(max_digits_);
}

GetData::Result GetData::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "no such sound file");
    return {std::string(reply.result()), reply.value() == "timeout"};
}

void WaitForDigit::encode(CommandLine& line) const {
    if (timeout_)
        line.number(timeout_->count(), "timeout");
    else
        line.number(-1);
}

std::optional<char> WaitForDigit::parse(const Reply& reply) {
    return detail::key_or_failure(reply, "the wait failed");
}

void GetOption::encode(CommandLine& line) const {
    line.argument(file_, "file").keys(escape_digits_, "escape_digits");
    line.number(timeout_.count(), "timeout", 1);
}

GetOption::Result GetOption::parse(const Reply& reply) {
    return {detail::key_or_failure(reply, "no such sound file"), reply.endpos().value_or(0)};
}

}  // namespace costrix::agi
