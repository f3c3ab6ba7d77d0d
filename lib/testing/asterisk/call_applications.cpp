// SPDX-License-Identifier: MIT
// Dial with all its variables, MixMonitor, SendDTMF; and where applications leave a status.

#include "testing/asterisk/call_applications.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/audio_applications.hpp"
#include "testing/asterisk/dialplan_applications.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kStatusVariables{{
    {"confbridge", "CONFBRIDGE_RESULT"},
    {"controlplayback", "CPLAYBACKSTATUS"},
    {"directory", "DIRECTORY_RESULT"},
    {"originate", "ORIGINATE_STATUS"},
    {"record", "RECORD_STATUS"},
    {"transfer", "TRANSFERSTATUS"},
    {"trysystem", "SYSTEMSTATUS"},
    {"voicemail", "VMSTATUS"},
}};

// The times of a Dial, unless the scenario has set them: all of it was talk if it was answered.
ApplicationOutcome with_times(ApplicationOutcome outcome) {
    const auto& variables = outcome.variables();
    const auto is_set = [&variables](std::string_view name) {
        return std::any_of(variables.begin(), variables.end(), [name](const auto& variable) {
            return variable.first.starts_with(name);
        });
    };
    const auto is_answer = [](const auto& variable) {
        return variable.first == "DIALSTATUS" && variable.second == "ANSWER";
    };
    if (outcome.duration() == Time::max() || is_set("ANSWEREDTIME") || is_set("DIALEDTIME"))
        return outcome;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(outcome.duration()).count();
    const bool answered = std::any_of(variables.begin(), variables.end(), is_answer);
    outcome.sets("DIALEDTIME", std::to_string(ms / 1000)).sets("DIALEDTIME_MS", std::to_string(ms));
    if (answered)
        outcome.sets("ANSWEREDTIME", std::to_string(ms / 1000))
            .sets("ANSWEREDTIME_MS", std::to_string(ms));
    return outcome;
}

bool sets(const ApplicationOutcome& outcome, std::string_view name) {
    const auto& variables = outcome.variables();
    return std::any_of(variables.begin(), variables.end(), [name](const auto& variable) {
        return variable.first == name;
    });
}

}  // namespace

Outcome app_dial(CallState& call, const std::string& arguments) {
    if (call.hung_up())
        return CommandEnd::result(-1);
    call.audio().caller().play_tones(false);
    for (const char* name :
         {"DIALSTATUS",
          "DIALEDPEERNAME",
          "DIALEDPEERNUMBER",
          "DIALEDTIME",
          "DIALEDTIME_MS",
          "ANSWEREDTIME",
          "ANSWEREDTIME_MS"})
        call.variables()[name] = "";
    const auto& known = call.data().destinations;
    const auto found = known.find(argument(arguments, 0));
    if (found == known.end()) {
        if (auto audio = dial_audio_socket(call, arguments))
            return *std::move(audio);
    }
    if (found == known.end())
        return pause_for(call, with_times(ApplicationOutcome().sets("DIALSTATUS", "CHANUNAVAIL")));
    return pause_for(call, with_times(found->second));
}

// MixMonitor(file,options,command): the option i names the variable for its id.
Outcome app_mix_monitor(CallState& call, const std::string& arguments) {
    const auto options = argument(arguments, 1);
    call.variables()["MIXMONITOR_FILENAME"] = argument(arguments, 0);
    if (const auto at = options.find("i("); at != std::string::npos) {
        const auto name = options.substr(at + 2, options.find(')', at) - at - 2);
        call.variables()[name] = "0x7f0000001000";
    }
    return CommandEnd::result(0);
}

// SendDTMF(keys,gap,length): w is half a second, W a second.
Outcome app_send_dtmf(CallState& call, const std::string& arguments) {
    const auto in_ms = [&arguments](std::size_t index, Time otherwise) {
        const int given = as_int(argument(arguments, index));
        return given > 0 ? Time(std::chrono::milliseconds(given)) : otherwise;
    };
    Time total{};
    for (const char key : argument(arguments, 0))
        total += key == 'w'   ? Time(500ms)
                 : key == 'W' ? Time(1s)
                              : in_ms(1, 250ms) + in_ms(2, 100ms);
    return pause_for(call, ApplicationOutcome().after(total));
}

std::string status_variable(std::string_view application) {
    const auto name = lower(application);
    for (const auto& [known, variable] : kStatusVariables) {
        if (name == known)
            return std::string(variable);
    }
    std::string variable = name + "STATUS";
    for (char& c : variable)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return variable;
}

ApplicationOutcome with_other_variables(
    std::string_view application,
    const std::string& arguments,
    ApplicationOutcome outcome
) {
    if (application == "record" && !sets(outcome, "RECORDED_FILE")) {
        const auto file = argument(arguments, 0);
        outcome.sets("RECORDED_FILE", file.substr(0, file.rfind('.')));
    }
    if (application == "transfer" && !sets(outcome, "TRANSFERSTATUSPROTOCOL"))
        outcome.sets("TRANSFERSTATUSPROTOCOL", "0");
    return outcome;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
