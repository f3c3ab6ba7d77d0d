// SPDX-License-Identifier: MIT
// Asks for variables with their lengths, and reads them.
#include "protocol/ascii.hpp"

#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/exceptions.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// True for a name without special characters, which is safe in `${}` and in a function's
/// arguments.
bool is_plain(std::string_view name) noexcept {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return detail::is_alphanumeric(c) ||
               std::string_view("_-.~").find(c) != std::string_view::npos;
    });
}

}  // namespace

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
        // STRREPLACE, since "):" in a value would end LEN's argument and begin a substring.
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

}  // namespace costrix::inline COSTRIX_ABI::agi
