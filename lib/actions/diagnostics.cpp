// SPDX-License-Identifier: MIT
// Actions for whoever watches Asterisk.
#include <costrix/agi/actions/diagnostics.hpp>

namespace costrix::agi {

void Noop::encode(CommandLine& line) const {
    if (!text_.empty())
        line.argument(text_, "text");
}

void Verbose::encode(CommandLine& line) const {
    if (level_ < 1 || level_ > 4)
        line.refuse("level", "is " + std::to_string(level_) + ", not 1 to 4");
    line.argument(message_, "message").number(level_);
}

}  // namespace costrix::agi
