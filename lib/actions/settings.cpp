// SPDX-License-Identifier: MIT
// Actions that set where the call goes on, how long it lasts, and what it hears meanwhile.
#include <costrix/agi/actions/settings.hpp>

namespace costrix::agi {

void SetAutohangup::encode(CommandLine& line) const {
    if (time_ && time_->count() <= 0)
        line.refuse("time", "is not positive");
    line.number(time_ ? time_->count() : 0);
}

void SetCallerid::encode(CommandLine& line) const {
    if (!name_) {
        line.argument(number_, "number");
        return;
    }
    // Asterisk's own form of the two, in which quotes and backslashes have a meaning again.
    std::string both = "\"";
    for (const char byte : *name_) {
        if (byte == '"' || byte == '\\')
            both += '\\';
        both += byte;
    }
    line.argument(both + "\" <" + number_ + ">", "number and name");
}

void SetContext::encode(CommandLine& line) const {
    line.argument(context_, "context");
}

void SetExtension::encode(CommandLine& line) const {
    line.argument(extension_, "extension");
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

void SetMusic::encode(CommandLine& line) const {
    line.name(on_ ? "on" : "off");
    if (!class_.empty())
        line.argument(class_, "class");
}

}  // namespace costrix::agi
