// SPDX-License-Identifier: MIT
// Actions named SET that change the call.
#include <costrix/agi/actions/settings.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

void SetAutohangup::encode(CommandLine& line) const {
    if (time_ && time_->count() <= 0)
        line.refuse("time", "is not positive");
    const auto time = time_.value_or(std::chrono::milliseconds(0));
    const auto thousandths = std::to_string(1000 + time.count() % 1000).substr(1);
    line.name(std::to_string(time.count() / 1000) + "." + thousandths);  // in seconds
}

void SetCallerid::encode(CommandLine& line) const {
    if (number_.find_first_of("<>") != std::string::npos)
        line.refuse("number", "holds '<' or '>', which divide a caller ID in Asterisk");
    if (!name_) {
        line.argument(number_, "number");
        return;
    }
    // Asterisk parses this form once more, so quotes and backslashes are escaped twice.
    std::string both = "\"";
    for (const char byte : *name_) {
        if (byte == '"' || byte == '\\')
            both += '\\';
        both += byte;
    }
    line.argument(both + "\" <" + number_ + ">", "number and name");
}

void SetPriority::encode(CommandLine& line) const {
    if (const auto* label = std::get_if<std::string>(&priority_)) {
        line.argument(*label, "priority");
        return;
    }
    if (std::get<int>(priority_) < 1)
        line.refuse("priority", "is not 1 or more");
    line.number(std::get<int>(priority_));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
