// SPDX-License-Identifier: MIT
// Makes up the callers of a load, each with their own keys, thinking time and patience.
#include "tool/load/caller.hpp"

#include "tool/scenario_options.hpp"

namespace costrix::tool {

using std::chrono::nanoseconds;
using testing::Scenario;

namespace {

// A repeated menu may be answered differently each time, up to this many times.
constexpr int kAnswersDrawn = 4;

/// Whether chance decides which keys are pressed, or when.
bool is_by_chance(const LoadOptions& options) {
    bool certain = options.think.min == options.think.max;
    for (const auto& rule : options.presses)
        certain = certain && rule.probability >= 1;
    return !certain;
}

}  // namespace

Callers::Callers(const LoadOptions& options)
    : options_(options), common_(options.scenario), by_chance_(is_by_chance(options)),
      random_(options.seed) {
    common_.without_events();
    if (options.think.max == nanoseconds{})
        common_.key_length({});  // no time to think: none to press either
    for (const auto& rule : options.presses)
        prompts_.insert(rule.prompt);
    if (!by_chance_)
        choose_keys(common_);
}

Scenario Callers::next() {
    auto scenario = common_;
    scenario.unique_id(next_unique_id());
    if (by_chance_)
        choose_keys(scenario);
    for (const auto& rule : options_.hangups) {
        if (happens(rule.probability))
            scenario.hang_up_after(within(rule.after));
    }
    return scenario;
}

bool Callers::happens(double probability) {
    return probability >= 1 || std::uniform_real_distribution<>(0, 1)(random_) < probability;
}

nanoseconds Callers::within(const DurationRange& range) {
    if (range.min == range.max)
        return range.min;
    std::uniform_int_distribution<nanoseconds::rep> some(range.min.count(), range.max.count());
    return nanoseconds(some(random_));
}

/// The probabilities of the rules for one prompt add up; what is left of 1 is silence.
const KeyPress* Callers::draw(std::string_view prompt) {
    double share = std::uniform_real_distribution<>(0, 1)(random_);
    for (const auto& rule : options_.presses) {
        if (rule.prompt == prompt && (share -= rule.probability) < 0)
            return &rule;
    }
    return nullptr;
}

void Callers::choose_keys(Scenario& scenario) {
    const bool hurried = options_.think.max == nanoseconds{};
    const nanoseconds gap = hurried ? nanoseconds{} : std::chrono::milliseconds(250);
    for (const auto prompt : prompts_) {
        for (int i = 0; i < (by_chance_ ? kAnswersDrawn : 1); ++i) {
            const auto* const chosen = draw(prompt);
            const auto keys = chosen == nullptr ? std::string() : chosen->keys;
            scenario.press_during(std::string(prompt), keys, within(options_.think), gap);
        }
    }
}

}  // namespace costrix::tool
