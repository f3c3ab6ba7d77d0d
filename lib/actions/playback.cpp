// SPDX-License-Identifier: MIT
// Actions that play sound files.
#include "actions/results.hpp"

#include <costrix/agi/actions/playback.hpp>

namespace costrix::agi {

void StreamFile::encode(CommandLine& line) const {
    if (offset_ < 0)
        line.refuse("offset", "is negative");
    line.argument(file_, "file").keys(escape_digits_, "escape_digits");
    if (offset_ > 0)
        line.number(offset_);
}

StreamFile::Result StreamFile::parse(const Reply& reply) {
    return {detail::key_or_failure(reply, "no such sound file"), reply.endpos().value_or(0)};
}

}  // namespace costrix::agi
