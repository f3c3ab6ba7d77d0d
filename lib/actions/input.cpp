// SPDX-License-Identifier: MIT
// Actions that wait for the caller's keys.
#include <costrix/agi/actions/input.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

void GetData::encode(CommandLine& line) const {
    line.argument(file_, "file");
    detail::encode_timeout(line, timeout_, 1, 0);  // 0: Asterisk's own timeouts
    detail::encode_in_range(line, max_digits_, "max_digits", 1, kMaxDigits);
}

GetData::Result GetData::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "no such sound file");
    return {std::string(reply.result()), reply.value() == "timeout"};
}

void GetOption::encode(CommandLine& line) const {
    line.argument(file_, "file").keys(escape_digits_, "escape_digits");
    detail::encode_timeout(line, timeout_);
}

GetOption::Result GetOption::parse(const Reply& reply) {
    return {detail::key_or_failure(reply, "no such sound file"), detail::endpos(reply)};
}

}  // namespace costrix::inline COSTRIX_ABI::agi
