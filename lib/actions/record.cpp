// SPDX-License-Identifier: MIT
// Actions that record the caller.
#include "actions/results.hpp"

#include <costrix/agi/actions/record.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/printable.hpp>

namespace costrix::agi {

void RecordFile::encode(CommandLine& line) const {
    if (offset_ < 0)
        line.refuse("offset", "is negative");
    if (silence_ && silence_->count() <= 0)
        line.refuse("silence", "is not positive");
    constexpr auto most = CommandLine::kMaxNumber / 1000;  // Asterisk counts milliseconds
    if (silence_ && silence_->count() > most) {
        line.refuse(
            "silence",
            "is " + std::to_string(silence_->count()) + " s, over the " + std::to_string(most) +
                " s that Asterisk takes"
        );
    }
    line.argument(file_, "file").argument(format_, "format").keys(escape_digits_, "escape_digits");
    if (timeout_)
        line.number(timeout_->count(), "timeout", 1);
    else
        line.number(-1);
    // Asterisk takes what is neither a number nor s= for a beep: only this order is read right.
    line.number(offset_);
    if (beep_)
        line.name("BEEP");
    if (silence_)
        line.name("s=" + std::to_string(silence_->count()));
}

RecordFile::Result RecordFile::parse(const Reply& reply) {
    const auto how = reply.value();
    const auto number = reply.number().value_or(-1);
    Result result;
    result.endpos = reply.endpos().value_or(0);
    if (how == "dtmf" || (how == "randomerror" && number > 0)) {  // the latter: during the beep
        result.end = End::key;
        result.key = detail::key_or_failure(reply, "cannot be recorded");
    } else if (how == "hangup") {
        result.end = End::hangup;
    } else if (how == "timeout") {
        // After a silence the number is the time that was left, otherwise 0 (record-file-silence).
        result.end = number > 0 ? End::silence : End::time_out;
    } else {
        throw AGIAppError("cannot be recorded: " + printable(how.value_or("no reason given")));
    }
    return result;
}

}  // namespace costrix::agi
