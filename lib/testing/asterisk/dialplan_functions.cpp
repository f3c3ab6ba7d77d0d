// SPDX-License-Identifier: MIT
// Channel variables, those that Asterisk makes up, and a handful of dialplan functions.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

std::string flag(bool on) {
    return on ? "1" : "0";
}

std::string upper(std::string text) {
    for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string uri_encode(const std::string& text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += hex[byte >> 4U];
            result += hex[byte & 15U];
        }
    }
    return result;
}

std::string base64_encode(const std::string& text) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        const auto byte = [&](std::size_t k) {
            return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
        };
        const unsigned bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
        result += alphabet[bits >> 18U & 63U];
        result += alphabet[bits >> 12U & 63U];
        result += i + 1 < text.size() ? alphabet[bits >> 6U & 63U] : '=';
        result += i + 2 < text.size() ? alphabet[bits & 63U] : '=';
    }
    return result;
}

std::string caller_id(const CallState& call, std::string_view field) {
    if (field == "name")
        return call.caller_id.name;
    if (field == "all")
        return "\"" + call.caller_id.name + "\" <" + call.caller_id.number + ">";
    return field.starts_with("num") ? call.caller_id.number : std::string();
}

std::string channel(const CallState& call, std::string_view field) {
    if (field == "state")
        return call.answered() ? "Up" : "Ring";
    if (field == "language")
        return call.language;
    if (field == "checkhangup")
        return flag(call.hung_up());
    return field == "name" ? call.data().channel : std::string();
}

std::optional<std::string> from_database(const CallState& call, std::string_view key) {
    const auto found = call.database().find("/" + std::string(key));
    return found == call.database().end() ? std::string() : found->second;
}

// STRREPLACE(variable,find[,replacement]), without its limit on the number of replacements.
std::string replace_in_variable(const CallState& call, const std::string& arguments) {
    const auto first = arguments.find(',');
    if (first == std::string::npos)
        return {};
    const auto second = arguments.find(',', first + 1);
    const auto find = arguments.substr(first + 1, second - first - 1);
    const auto with = second == std::string::npos ? std::string() : arguments.substr(second + 1);
    auto text = read_variable(call, arguments.substr(0, first)).value_or("");
    for (auto at = find.empty() ? std::string::npos : text.find(find); at != std::string::npos;
         at = text.find(find, at + with.size()))
        text.replace(at, find.size(), with);
    return text;
}

constexpr std::string_view kDataDirectory = "/usr/share/asterisk";

// STAT(e,file): sounds are in the channel's language, as wav.
std::string file_exists(const CallState& call, std::string_view arguments) {
    if (!arguments.starts_with("e,") || !arguments.ends_with(".wav"))
        return flag(false);
    auto file = arguments.substr(2, arguments.size() - 6);
    const auto folder = std::string(kDataDirectory) + "/sounds/" + call.language + "/";
    if (file.starts_with(folder))
        file.remove_prefix(folder.size());
    else if (file.starts_with(kDataDirectory))
        return flag(false);
    return flag(call.sound(std::string(file)).has_value());
}

using Function =
    std::optional<std::string> (*)(const CallState& call, const std::string& arguments);

struct BuiltinFunction {
    std::string_view name;
    Function function;
};

constexpr std::array<BuiltinFunction, 13> kFunctions{{
    {"BASE64_ENCODE",
     [](const CallState&, const std::string& a) { return std::optional(base64_encode(a)); }},
    {"CALLERID",
     [](const CallState& c, const std::string& a) { return std::optional(caller_id(c, a)); }},
    {"CHANNEL",
     [](const CallState& c, const std::string& a) { return std::optional(channel(c, a)); }},
    {"DB", [](const CallState& c, const std::string& a) { return from_database(c, a); }},
    {"EXISTS",
     [](const CallState&, const std::string& a) { return std::optional(flag(!a.empty())); }},
    {"ISNULL",
     [](const CallState&, const std::string& a) { return std::optional(flag(a.empty())); }},
    {"LEN",
     [](const CallState&, const std::string& a) {
         return std::optional(std::to_string(a.size()));
     }},
    {"STAT",
     [](const CallState& c, const std::string& a) { return std::optional(file_exists(c, a)); }},
    {"STRREPLACE",
     [](const CallState& c, const std::string& a) {
         return std::optional(replace_in_variable(c, a));
     }},
    {"TOLOWER", [](const CallState&, const std::string& a) { return std::optional(lower(a)); }},
    {"TOUPPER", [](const CallState&, const std::string& a) { return std::optional(upper(a)); }},
    {"URIENCODE",
     [](const CallState&, const std::string& a) { return std::optional(uri_encode(a)); }},
    {"VARIABLE_EXISTS",
     [](const CallState& c, const std::string& a) {
         return std::optional(flag(c.variables().contains(a)));
     }},
}};

// Variables that are not stored but looked up.
std::optional<std::string> made_up(const CallState& call, std::string_view name) {
    if (name == "ASTDATADIR")
        return std::string(kDataDirectory);
    if (name == "CHANNEL")
        return call.data().channel;
    if (name == "CONTEXT")
        return call.location.context;
    if (name == "EXTEN")
        return call.location.extension;
    if (name == "PRIORITY")
        return std::to_string(call.location.priority);
    if (name == "UNIQUEID")
        return call.data().unique_id;
    if (name == "EPOCH") {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(call.now()).count();
        return std::to_string(call.data().epoch + passed);
    }
    return std::nullopt;
}

// FUNCTION(arguments) apart; false for anything else.
bool split_function(std::string_view text, std::string& name, std::string& arguments) {
    const auto open = text.find('(');
    if (open == std::string_view::npos || !text.ends_with(')'))
        return false;
    name = text.substr(0, open);
    arguments = text.substr(open + 1, text.size() - open - 2);
    return true;
}

void write_function(
    CallState& call,
    const std::string& name,
    const std::string& field,
    const std::string& value
) {
    if (name == "CALLERID" && field.starts_with("num")) {
        call.caller_id.number = value;
    } else if (name == "CALLERID" && field == "name") {
        call.caller_id.name = value;
    } else if (name == "CALLERID" && field == "all") {
        call.caller_id = parse_caller_id(value);
    } else if (name == "CHANNEL" && field == "language") {
        call.language = value;
    } else if (name == "DB") {
        call.database()["/" + field] = value;
    } else {
        call.log(EventKind::unsimulated, "dialplan function to write " + name + "(" + field + ")");
    }
}

}  // namespace

std::optional<std::string> read_function(const CallState& call, std::string_view text) {
    std::string name;
    std::string arguments;
    if (!split_function(text, name, arguments))
        return std::nullopt;
    if (const auto own = call.data().functions.find(name); own != call.data().functions.end())
        return own->second(arguments);
    for (const auto& row : kFunctions) {
        if (row.name == name)
            return row.function(call, arguments);
    }
    return std::nullopt;
}

std::optional<std::string> read_variable(const CallState& call, std::string_view name) {
    if (name.ends_with(')'))
        return read_function(call, name);
    if (auto value = made_up(call, name))
        return value;
    const auto found = call.variables().find(std::string(name));
    return found == call.variables().end() ? std::nullopt : std::optional(found->second);
}

void write_variable(CallState& call, std::string_view name, const std::string& value) {
    std::string function;
    std::string field;
    if (split_function(name, function, field)) {
        write_function(call, function, field, value);
        return;
    }
    for (int i = 0; i < 2 && name.starts_with('_'); ++i)
        name.remove_prefix(1);  // one or two underscores: inherited by other channels
    call.variables()[std::string(name)] = value;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
