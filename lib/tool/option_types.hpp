// SPDX-License-Identifier: MIT
// Option types that CLI11 does not know: durations and agi:// URLs.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/text.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace costrix::tool {

/// A duration; what is none is a parser's error.
inline std::chrono::nanoseconds checked_duration(const std::string& text) {
    try {
        return parse_duration(text);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

/// A URL; what is none is a parser's error.
inline AgiUrl checked_url(const std::string& text) {
    try {
        return AgiUrl::parse(text);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

/// Adds an option whose value is a duration.
template <class Set>
CLI::Option* add_duration(CLI::App& app, const char* name, Set set, const char* description) {
    const auto parse = [set](const std::string& text) { set(checked_duration(text)); };
    return app.add_option_function<std::string>(name, parse, description)->type_name("DURATION");
}

}  // namespace costrix::tool
