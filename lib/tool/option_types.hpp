// SPDX-License-Identifier: MIT
// Option types that CLI11 does not know: durations, agi:// URLs, keys, options given repeatedly.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/formatting.hpp"

#include <costrix/agi/protocol/command_line.hpp>

#include <system_error>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::tool {

/// Parses a duration; throws CLI::ValidationError.
inline std::chrono::nanoseconds checked_duration(const std::string& text) {
    try {
        return parse_duration(text);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

/// Parses an agi:// URL; throws CLI::ValidationError.
inline AgiUrl checked_url(const std::string& text) {
    try {
        return AgiUrl::parse(text);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

/// Adds the script to be called, which must be given; `more` is what else it may be.
inline void add_script(
    CLI::App& command,
    const std::string& name,
    std::string& given,
    const std::string& more = {}
) {
    const std::string what =
        "The script, as in the dialplan: agi://HOST[:PORT][/PATH][,ARGUMENT]..." + more;
    command.add_option(name, given, what)->required()->type_name("");
}

/// Accepts numbers from `min` to `max`, both included.
template <class Number>
CLI::Validator number_within(Number min, Number max) {
    const auto check = [min, max](const std::string& text) -> std::string {
        Number number{};
        const auto* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error == std::errc{} && end == last && number >= min && number <= max)
            return {};
        std::ostringstream what;
        what << "'" << text << "' is not a " << (std::is_integral_v<Number> ? "whole " : "")
             << "number from " << min << " to " << max;
        return what.str();
    };
    return CLI::Validator(check, "");
}

/// The arguments in the URL, then those of the command line.
inline std::vector<std::string>
with_arguments(const AgiUrl& url, const std::vector<std::string>& more) {
    auto all = url.arguments;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// Adds an option whose value is a duration.
template <class Set>
CLI::Option* add_duration(CLI::App& app, const char* name, Set set, const char* description) {
    const auto parse = [set](const std::string& text) { set(checked_duration(text)); };
    return app.add_option_function<std::string>(name, parse, description)->type_name("DURATION");
}

/// The position of the mark; throws CLI::ValidationError when there is none.
inline std::size_t split_at(const std::string& text, char mark, const char* form) {
    const auto at = text.find(mark);
    if (at == std::string::npos)
        throw CLI::ValidationError("'" + text + "' is not of the form " + form);
    return at;
}

/// Splits NAME=VALUE.
inline std::pair<std::string, std::string> split_assignment(const std::string& text) {
    const auto equals = split_at(text, '=', "NAME=VALUE");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Accepts the keys of a phone only; throws CLI::ValidationError.
inline void check_keys(const std::string& keys) {
    if (!std::all_of(keys.begin(), keys.end(), agi::is_dtmf))
        throw CLI::ValidationError("'" + keys + "' has something that is no key: 0-9 * # A-D");
}

/// An option that may be given again and again; `form` is what its value looks like.
template <class Take>
CLI::Option*
add_each(CLI::App& app, const char* name, const char* form, Take take, const char* description) {
    const auto all = [take](const std::vector<std::string>& values) {
        for (const auto& value : values)
            take(value);
    };
    auto* const option = app.add_option_function<std::vector<std::string>>(name, all, description);
    return option->type_name(form)->allow_extra_args(false);
}

}  // namespace costrix::tool
