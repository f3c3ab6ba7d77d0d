// SPDX-License-Identifier: MIT
// Actions on channel variables.
#include "actions/results.hpp"

#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/exceptions.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::agi {
namespace {

/// True for a name that means nothing else inside `${}` or between a function's parentheses.
bool is_plain(std::string_view name) noexcept {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~";
    return !name.empty() && name.find_first_not_of(plain) == std::string_view::npos;
}

}  // namespace

void GetVariable::encode(CommandLine& line) const {
    line.argument(name_, "name");
}

std::optional<std::string> GetVariable::parse(const Reply& reply) {
    return detail::value_if_one(reply);
}

void GetFullVariable::encode(CommandLine& line) const {
    line.argument(expression_, "expression");
    if (!channel_.empty())
        line.argument(channel_, "channel");
}

std::optional<std::string> GetFullVariable::parse(const Reply& reply) {
    return detail::value_if_one(reply);
}

const VariableValues::Value& VariableValues::operator[](std::string_view name) const {
    const auto named = [name](const Item& item) { return item.first == name; };
    const auto found = std::find_if(items_.begin(), items_.end(), named);
    if (found == items_.end())
        throw std::out_of_range("not among the variables asked for: " + std::string(name));
    return found->second;
}

void GetVariables::encode(CommandLine& line) const {
    if (names_.empty())
        line.refuse("names", "is empty");
    std::string expression;
    for (const auto& name : names_) {
        if (!is_plain(name))
            line.refuse(
                "the name \"" + name.substr(0, 80) + '"',
                "is not made of letters, digits and _ - . ~ alone"
            );
        // A ')' before a ':' in a value would make LEN's argument end there and a slice begin.
        expression.append(name).append(":${VARIABLE_EXISTS(").append(name);
        expression.append(")}:${LEN(${STRREPLACE(").append(name).append(",:,x)})}:${");
        expression.append(name).append("}");
    }
    line.argument(expression, "names");
}

VariableValues GetVariables::parse(const Reply& reply) {
    const auto text = reply.value().value_or(std::string_view());
    std::vector<VariableValues::Item> items;
    for (std::size_t at = 0; at < text.size();) {
        const auto value = read_counted(text, at);
        if (!value || value->size > text.size() - value->begin)
            throw AGIUnknownError("the variables' lengths do not fit the reply");
        const bool is_set = value->exists || value->size > 0;
        auto& item = items.emplace_back(std::string(value->name), std::nullopt);
        if (is_set)
            item.second = std::string(text.substr(value->begin, value->size));
        at = value->begin + value->size;
    }
    if (items.empty())
        throw AGIUnknownError("no variables in the reply");
    return VariableValues(std::move(items));
}

void SetVariable::encode(CommandLine& line) const {
    line.argument(name_, "name").argument(value_, "value");
}

}  // namespace costrix::agi
