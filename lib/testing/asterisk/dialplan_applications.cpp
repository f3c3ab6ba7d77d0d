// SPDX-License-Identifier: MIT
// The built-in applications, and those a scenario brings along.

#include "testing/asterisk/dialplan_applications.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/audio_applications.hpp"
#include "testing/asterisk/call_applications.hpp"
#include "testing/asterisk/dialplan_expressions.hpp"
#include "testing/asterisk/playing_sound.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

using namespace std::chrono_literals;

// What an application returns doubles as AGI's own result code: 1 is usage, 2 is failure.
CommandEnd returned(int result) {
    constexpr int show_usage = 1;
    constexpr int failure = 2;
    if (result == show_usage)
        return CommandEnd::result_and_usage(result);
    const auto ending = CommandEnd::result(result);
    return result == failure ? CommandEnd(ending).as_failure() : ending;
}

}  // namespace

Outcome pause_for(CallState& call, const ApplicationOutcome& outcome) {
    const auto effect = [&call, outcome] {
        for (const auto& [name, value] : outcome.variables())
            call.variables()[name] = value;
        if (outcome.leaves_hung_up())
            call.hang_up("the application");
    };
    if (outcome.duration() == Time{}) {
        effect();
        return returned(outcome.result());
    }
    return std::make_unique<Pause>(call, outcome.duration(), returned(outcome.result()), effect);
}

std::string argument(const std::string& arguments, std::size_t index) {
    const auto pieces = split_arguments(arguments);
    return index < pieces.size() ? pieces[index] : std::string();
}

namespace {

// BackGround: any key ends it, with the key's code.
class Background final : public RunningCommand {
public:
    Background(CallState& call, Time length) : RunningCommand(call) { wait(length); }

    void expire() override { end(CommandEnd::result(0)); }
    void key(char key) override { end(CommandEnd::result(key)); }
    void hang_up() override { end(CommandEnd::result(-1)); }
};

// Read: digits into a variable until #, the maximum or the timeout.
class Read final : public RunningCommand {
public:
    Read(CallState& call, std::string variable, Time prompt, std::size_t maximum, Time timeout)
        : RunningCommand(call), variable_(std::move(variable)), maximum_(maximum),
          timeout_(timeout), playing_(prompt > Time{}) {
        wait(playing_ ? prompt : timeout);
    }

    void expire() override {
        if (playing_) {
            playing_ = false;
            wait(timeout_);
        } else {
            finish("TIMEOUT", 0);
        }
    }
    void key(char key) override {
        playing_ = false;
        digits_ += key == '#' ? std::string() : std::string(1, key);
        if (key == '#' || digits_.size() >= maximum_)
            finish("OK", 0);
        else
            wait(timeout_);
    }
    void hang_up() override { finish("HANGUP", -1); }

private:
    void finish(const std::string& status, int result) {
        call().variables()[variable_] = digits_;
        call().variables()["READSTATUS"] = status;
        end(CommandEnd::result(result));
    }

    std::string variable_;
    std::size_t maximum_;
    Time timeout_;
    bool playing_;
    std::string digits_;
};

Time seconds(const std::string& text) {
    return scan_seconds(text).value_or(Time{});
}

Outcome app_noop(CallState& /*call*/, const std::string& /*arguments*/) {
    return CommandEnd::result(0);
}

Outcome app_answer(CallState& call, const std::string& /*arguments*/) {
    return answer(call, {});
}

Outcome app_verbose(CallState& call, const std::string& arguments) {
    call.log(EventKind::log, arguments);
    return CommandEnd::result(0);
}

Outcome app_set(CallState& call, const std::string& arguments) {
    if (const auto equals = arguments.find('='); equals != std::string::npos)
        write_variable(call, arguments.substr(0, equals), arguments.substr(equals + 1));
    return CommandEnd::result(0);
}

Outcome app_mset(CallState& call, const std::string& arguments) {
    for (const auto& piece : split_arguments(arguments))
        static_cast<void>(app_set(call, piece));
    return CommandEnd::result(0);
}

// In the h extension Wait gives up at once; after a hangup in AGI it waits all the same.
Outcome app_wait(CallState& call, const std::string& arguments) {
    if (call.data().dead)
        return CommandEnd::result(-1);
    return pause_for(call, ApplicationOutcome().after(seconds(arguments)));
}

Outcome app_hangup(CallState& call, const std::string& /*arguments*/) {
    call.hang_up("EXEC Hangup");
    return CommandEnd::result(-1);
}

// Playback plays a list, and reports what is missing in PLAYBACKSTATUS only.
Outcome app_playback(CallState& call, const std::string& arguments) {
    std::string files = argument(arguments, 0);
    Time total{};
    bool missing = false;
    while (!files.empty()) {
        const auto cut = std::min(files.find('&'), files.size());
        const auto length = call.begin_prompt(files.substr(0, cut));
        missing = missing || !length;
        total += length.value_or(Time{});
        files.erase(0, std::min(cut + 1, files.size()));
    }
    ApplicationOutcome outcome;
    return pause_for(
        call, outcome.after(total).sets("PLAYBACKSTATUS", missing ? "FAILED" : "SUCCESS")
    );
}

Outcome app_background(CallState& call, const std::string& arguments) {
    const auto length = call.begin_prompt(argument(arguments, 0));
    call.variables()["BACKGROUNDSTATUS"] = length ? "SUCCESS" : "FAILED";
    if (!length)
        return CommandEnd::result(0);
    return std::make_unique<Background>(call, *length);
}

// Read(variable[,file[,maxdigits[,options[,attempts[,timeout]]]]])
Outcome app_read(CallState& call, const std::string& arguments) {
    if (call.hung_up())
        return pause_for(call, ApplicationOutcome().sets("READSTATUS", "HANGUP"));
    const auto file = argument(arguments, 1);
    Time prompt{};
    if (file.empty())
        call.respond_to("");
    else
        prompt = call.begin_prompt(file).value_or(Time{});
    const int maximum = as_int(argument(arguments, 2));
    const auto timeout = seconds(argument(arguments, 5));
    return std::make_unique<Read>(
        call,
        argument(arguments, 0),
        prompt,
        maximum > 0 ? static_cast<std::size_t>(maximum) : 255,
        timeout > Time{} ? timeout : Time(10s)
    );
}

// Takes effect when AGI() is over: the dialplan continues there.
Outcome app_goto(CallState& call, const std::string& arguments) {
    const auto pieces = split_arguments(arguments.substr(0, arguments.find('(')));
    const auto size = pieces.size();
    if (size == 0)
        return CommandEnd::result(-1);
    const auto label = call.data().labels.find(pieces[size - 1]);
    const bool known = label != call.data().labels.end();
    call.location.priority = (known ? label->second : std::max(as_int(pieces[size - 1]), 0)) - 1;
    call.location.extension = size > 1 ? pieces[size - 2] : call.location.extension;
    call.location.context = size > 2 ? pieces[size - 3] : call.location.context;
    return CommandEnd::result(0);
}

Outcome app_system(CallState& call, const std::string& /*arguments*/) {
    return pause_for(call, ApplicationOutcome().sets("SYSTEMSTATUS", "SUCCESS"));
}

struct BuiltinApplication {
    std::string_view name;
    Outcome (*run)(CallState& call, const std::string& arguments);
};

constexpr std::array<BuiltinApplication, 22> kApplications{{
    {"answer", app_answer},
    {"audiosocket", app_audio_socket},
    {"background", app_background},
    {"dial", app_dial},
    {"gosub", app_goto},
    {"goto", app_goto},
    {"hangup", app_hangup},
    {"mixmonitor", app_mix_monitor},
    {"mset", app_mset},
    {"noop", app_noop},
    {"originate", app_originate},
    {"playback", app_playback},
    {"playtones", app_play_tones},
    {"read", app_read},
    {"ringing", app_noop},
    {"senddtmf", app_send_dtmf},
    {"set", app_set},
    {"stopmixmonitor", app_noop},
    {"stopplaytones", app_stop_play_tones},
    {"system", app_system},
    {"verbose", app_verbose},
    {"wait", app_wait},
}};

}  // namespace

Outcome run_application(CallState& call, const std::string& name, const std::string& arguments) {
    const auto wanted = lower(name);
    const auto& own = call.data().applications;
    if (const auto found = own.find(wanted); found != own.end())
        return pause_for(call, with_other_variables(wanted, arguments, found->second(arguments)));
    const bool simulated = wanted != "originate" || parse_tap(arguments).has_value();
    for (const auto& row : kApplications) {
        if (row.name == wanted && simulated)
            return row.run(call, arguments);
    }
    call.log(EventKind::unsimulated, "application " + name);
    constexpr int no_such_application = -2;
    return CommandEnd::result(no_such_application);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
