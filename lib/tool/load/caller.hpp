// SPDX-License-Identifier: MIT
// Makes up the callers of a load, each with their own keys, thinking time and patience.
#pragma once

#include "tool/load/load_options.hpp"

#include <costrix/testing/scenario.hpp>

#include <random>
#include <set>
#include <string>
#include <string_view>

namespace costrix::tool {

/// Draws callers by the probabilities of the options; equal seeds draw equal callers.
class Callers {
public:
    explicit Callers(const LoadOptions& options);

    /// The next caller's call.
    testing::Scenario next();

private:
    bool happens(double probability);
    std::chrono::nanoseconds within(const DurationRange& range);
    const KeyPress* draw(std::string_view prompt);
    void choose_keys(testing::Scenario& scenario);

    const LoadOptions& options_;
    testing::Scenario common_;
    std::set<std::string_view> prompts_;
    bool by_chance_;  ///< whether callers differ in their keys at all
    std::mt19937_64 random_;
};

}  // namespace costrix::tool
