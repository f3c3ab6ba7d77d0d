// SPDX-License-Identifier: MIT
// The action that records the caller.
#include <costrix/agi/actions/record.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/printable.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

void RecordFile::encode(CommandLine& line) const {
    if (offset_ < Samples())
        line.refuse("offset", "is negative");
    if (silence_ && silence_->count() <= 0)
        line.refuse("silence", "is not positive");
    constexpr auto max = CommandLine::kMaxNumber / 1000;  // Asterisk converts to milliseconds
    if (silence_ && silence_->count() > max) {
        line.refuse(
            "silence",
            "is " + std::to_string(silence_->count()) + " s, over the " + std::to_string(max) +
                " s that Asterisk takes"
        );
    }
    line.argument(file_, "file").argument(format_, "format").keys(escape_digits_, "escape_digits");
    detail::encode_timeout(line, timeout_);
    // Only this order is safe: Asterisk reads anything that is neither a number nor s= as BEEP.
    line.number(offset_.count());
    if (beep_)
        line.name("BEEP");
    if (silence_)
        line.name("s=" + std::to_string(silence_->count()));
}

RecordFile::Result RecordFile::parse(const Reply& reply) {
    const auto how = reply.value();
    const auto number = reply.number().value_or(-1);
    Result result;
    result.endpos = detail::endpos(reply);
    if (how == "dtmf" || (how == "randomerror" && number > 0)) {  // randomerror: during the beep
        result.stopped_by = StoppedBy::key;
        result.key = detail::key_or_failure(reply, "cannot be recorded");
    } else if (how == "hangup") {
        result.stopped_by = StoppedBy::hangup;
    } else if (how == "timeout") {
        // After a silence, the number is the time left; otherwise 0 (record-file-silence).
        result.stopped_by = number > 0 ? StoppedBy::silence : StoppedBy::timeout;
    } else {
        throw AGIAppError("cannot be recorded: " + printable(how.value_or("no reason given")));
    }
    return result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
