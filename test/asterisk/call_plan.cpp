// SPDX-License-Identifier: MIT
// A test call's plan, as the dialplan of conf/extensions.conf wants it.
#include "asterisk/call_plan.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace costrix::test {

namespace {

// AGI() takes its arguments apart at commas outside quotes and brackets.
std::string arguments(const std::vector<std::string>& args) {
    std::string joined;
    for (const auto& arg : args)
        joined += ',' + escape(arg, "\\\",()[]");
    return joined;
}

std::string seconds(std::chrono::milliseconds time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(time.count()) / 1000);
    return text.data();
}

}  // namespace

std::string escape(std::string_view text, std::string_view special) {
    std::string escaped;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos)
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

const char* context(Mode mode) {
    switch (mode) {
    case Mode::agi:
    case Mode::classic:
        return "costrix-agi";
    case Mode::eagi:
        return "costrix-eagi";
    case Mode::dead:
        return "costrix-dead";
    case Mode::dead_sub:
        return "costrix-dead-sub";
    case Mode::handler:
        return "costrix-handler";
    case Mode::live_h:
        return "costrix-live-h";
    case Mode::intercept:
        return "costrix-intercept";
    }
    return "";
}

std::map<std::string, std::string> variables(const CallPlan& plan) {
    const bool program = plan.mode == Mode::classic || plan.mode == Mode::eagi;
    auto all = plan.variables;
    const auto set = [&all](const char* name, const std::string& value) {
        if (!value.empty())
            all[name] = value;
    };
    set("COSTRIX_PATH", plan.path);
    set("COSTRIX_URL", plan.url.empty() && program ? plan.path : plan.url);
    set("AGI_PORT", plan.port != 0 ? std::to_string(plan.port) : "");
    set("COSTRIX_ARGS", arguments(plan.args));
    set("COSTRIX_ANSWERED", plan.answered ? "1" : "");
    set("COSTRIX_AUDIO", plan.audio);
    set("COSTRIX_REPORT", plan.report);
    set("COSTRIX_TEXT", plan.text);
    set("COSTRIX_DIGITS", plan.digits);
    set("COSTRIX_AFTER", seconds(plan.after));
    set("COSTRIX_GAP", std::to_string(plan.gap.count()));
    set("COSTRIX_HANGUP_AFTER", plan.hangup_after ? seconds(*plan.hangup_after) : "");
    return all;
}

}  // namespace costrix::test
