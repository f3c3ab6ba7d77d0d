// SPDX-License-Identifier: MIT
// Builds the arguments of an application, escaped as Asterisk parses them.
#include <costrix/agi/applications/application.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void ApplicationOptions::set(char letter) {
    set(letter, {});
}

void ApplicationOptions::set(char letter, std::string_view value) {
    std::string escaped;
    for (const char byte : value) {
        if (byte == '\\' || byte == '(' || byte == ')' || byte == '"')
            escaped += '\\';
        escaped += byte;
    }
    const auto found = std::find_if(options_.begin(), options_.end(), [letter](const auto& option) {
        return option.first == letter;
    });
    if (found == options_.end())
        options_.emplace_back(letter, std::move(escaped));
    else
        found->second = std::move(escaped);
    text_.clear();
    for (const auto& [name, argument] : options_) {
        text_ += name;
        if (!argument.empty())
            text_.append("(").append(argument).append(")");
    }
}

ApplicationCall& ApplicationCall::add(std::string_view value, ArgumentList::Reading reading) {
    arguments_.emplace_back(value, reading);
    return *this;
}

ApplicationCall& ApplicationCall::argument(std::string_view value) {
    return add(value, ArgumentList::Reading::standard);
}

ApplicationCall& ApplicationCall::last_argument(std::string_view value) {
    return add(value, ArgumentList::Reading::text);
}

void ApplicationCall::encode(CommandLine& line) const {
    line.argument(name_, "application");
    auto size = arguments_.size();
    while (size > 0 && arguments_[size - 1].first.empty())
        --size;
    ArgumentList list;
    for (std::size_t i = 0; i < size; ++i)
        list.add(arguments_[i].first, arguments_[i].second);
    list.encode(line);
}

std::string in_milliseconds(std::chrono::milliseconds time) {
    return std::to_string(time.count());
}

std::string in_seconds(std::chrono::milliseconds time) {
    auto text = std::to_string(time.count() / 1000);
    const auto rest = time.count() % 1000;
    if (rest != 0)
        text += "." + std::to_string(1000 + rest).substr(1);
    return text;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts)
        all += (all.empty() ? "" : "&") + text;
    return all;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
