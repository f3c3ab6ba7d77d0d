// SPDX-License-Identifier: MIT
// Actions that play sound files.
#include <costrix/agi/actions/playback.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

void StreamFile::encode(CommandLine& line) const {
    if (offset_ < Samples())
        line.refuse("offset", "is negative");
    line.argument(file_, "file").keys(escape_digits_, "escape_digits");
    if (offset_ > Samples())
        line.number(offset_.count());
}

StreamFile::Result StreamFile::parse(const Reply& reply) {
    return {detail::key_or_failure(reply, "no such sound file"), detail::endpos(reply)};
}

void ControlStreamFile::encode(CommandLine& line) const {
    line.argument(file_, "file").keys(escape_digits_, "escape_digits");
    line.number(skip_.count(), "skip", 1);
    line.keys({&forward_, 1}, "forward").keys({&rewind_, 1}, "rewind");
    line.keys({&pause_, pause_ == '\0' ? 0U : 1U}, "pause").number(offset_.count(), "offset");
}

ControlStreamFile::Result ControlStreamFile::parse(const Reply& reply) {
    Result result;
    result.key = detail::key_or_failure(reply, "no such sound file");
    if (const auto position = reply.endpos(); position && *position >= 0)
        result.endpos = std::chrono::milliseconds(*position);
    return result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
