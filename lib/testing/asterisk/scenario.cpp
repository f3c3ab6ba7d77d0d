// SPDX-License-Identifier: MIT
// The setters of Scenario: the script, the channel, this Asterisk.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/call_applications.hpp"

#include <costrix/testing/scenario.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kDefaultHost = "agi://127.0.0.1:4573/";

std::string place(std::string_view context, std::string_view extension, std::string_view priority) {
    std::string key(context);
    key.append(",").append(extension).append(",").append(priority);
    return key;
}

}  // namespace

Scenario::Scenario(std::string_view path) {
    this->path(path);
    // The lengths of Asterisk's own files, as far as the transcripts tell.
    data_.sounds = {
        {"beep", 440ms},
        {"tt-monkeys", 16200ms},
        {"tt-weasels", 2960ms},
        {"hello-world", 1400ms},
        {"demo-congrats", 29s},
        {"vm-goodbye", 700ms},
        {"digits/at", 500ms},
        {"silence/1", 1s}};
}

Scenario& Scenario::path(std::string_view path) {
    if (data_.fastagi && path.starts_with('/'))
        path.remove_prefix(1);  // the URL has it already
    return set(
        data_.url, data_.fastagi ? std::string(kDefaultHost).append(path) : std::string(path)
    );
}
Scenario& Scenario::url(std::string url) {
    return set(data_.url, std::move(url));
}
Scenario& Scenario::args(std::vector<std::string> arguments) {
    return set(data_.arguments, std::move(arguments));
}

Scenario& Scenario::classic() {
    if (data_.fastagi && data_.url.starts_with(kDefaultHost))
        data_.url.erase(0, kDefaultHost.size());
    return set(data_.fastagi, false);
}

Scenario& Scenario::eagi() {
    data_.enhanced = true;
    return classic();
}

Scenario& Scenario::caller_number(std::string number) {
    return set(data_.caller_number, std::move(number));
}
Scenario& Scenario::caller_name(std::string name) {
    return set(data_.caller_name, std::move(name));
}
Scenario& Scenario::channel(std::string name) {
    return set(data_.channel, std::move(name));
}

Scenario& Scenario::other_channel(std::string name) {
    data_.other_channels.push_back(std::move(name));
    return *this;
}

Scenario& Scenario::language(std::string language) {
    return set(data_.language, std::move(language));
}
Scenario& Scenario::dnid(std::string number) {
    return set(data_.dnid, std::move(number));
}
Scenario& Scenario::rdnis(std::string number) {
    return set(data_.rdnis, std::move(number));
}
Scenario& Scenario::account_code(std::string code) {
    return set(data_.account_code, std::move(code));
}
Scenario& Scenario::unique_id(std::string id) {
    return set(data_.unique_id, std::move(id));
}
Scenario& Scenario::thread_id(std::string id) {
    return set(data_.thread_id, std::move(id));
}

Scenario& Scenario::location(std::string context, std::string extension, int priority) {
    data_.context = std::move(context);
    data_.extension = std::move(extension);
    return set(data_.priority, priority);
}

Scenario& Scenario::label(std::string name, int priority) {
    data_.labels[std::move(name)] = priority;
    return *this;
}

Scenario& Scenario::answered() {
    return set(data_.answered, true);
}

Scenario& Scenario::dead() {
    data_.dead = true;
    return set(data_.extension, "h");
}
Scenario& Scenario::version(std::string version) {
    return set(data_.version, std::move(version));
}
Scenario& Scenario::command_limit(std::size_t bytes) {
    return set(data_.command_limit, bytes);
}
Scenario& Scenario::without_events() {
    return set(data_.keeps_events, false);
}
Scenario& Scenario::undocumented() {
    return set(data_.documented, false);
}
Scenario& Scenario::agisighup(bool on) {
    return variable("AGISIGHUP", on ? "yes" : "no");
}

Scenario& Scenario::exit_on_hangup(bool on) {
    return variable("AGIEXITONHANGUP", on ? "yes" : "no");
}

Scenario& Scenario::epoch(long long seconds) {
    return set(data_.epoch, seconds);
}

Scenario& Scenario::variable(std::string name, std::string value) {
    data_.variables[std::move(name)] = std::move(value);
    return *this;
}

Scenario& Scenario::database(std::string_view family, std::string_view key, std::string value) {
    data_.database[detail::database_key(family, key)] = std::move(value);
    return *this;
}

Scenario& Scenario::sound(std::string name, std::chrono::nanoseconds length) {
    data_.sounds[std::move(name)] = length;
    return *this;
}

Scenario& Scenario::any_sound(std::chrono::nanoseconds length) {
    return set(data_.any_sound, length);
}

Scenario& Scenario::without_sound(std::string name) {
    data_.sounds.erase(name);
    data_.absent.insert(std::move(name));
    return *this;
}

Scenario& Scenario::answer_delay(std::chrono::nanoseconds delay) {
    return set(data_.answer_delay, delay);
}

Scenario& Scenario::unwritable(std::string directory) {
    data_.unwritable.push_back(std::move(directory));
    return *this;
}

Scenario& Scenario::application(std::string_view name, Application application) {
    data_.applications[detail::lower(name)] = std::move(application);
    return *this;
}

Scenario& Scenario::application(std::string_view name, ApplicationOutcome outcome) {
    return application(name, [outcome = std::move(outcome)](std::string_view) { return outcome; });
}

Scenario&
Scenario::application(std::string_view name, std::string status, std::chrono::nanoseconds after) {
    ApplicationOutcome outcome;
    outcome.after(after).sets(detail::status_variable(name), std::move(status));
    return application(name, std::move(outcome));
}

Scenario&
Scenario::dial(std::string destination, std::string status, std::chrono::nanoseconds after) {
    ApplicationOutcome outcome(status == "ANSWER" ? -1 : 0);
    outcome.after(after).sets("DIALSTATUS", std::move(status));
    return dial(std::move(destination), std::move(outcome));
}

Scenario& Scenario::dial(std::string destination, ApplicationOutcome outcome) {
    data_.destinations.insert_or_assign(std::move(destination), std::move(outcome));
    return *this;
}

Scenario& Scenario::function(std::string name, DialplanFunction function) {
    data_.functions[std::move(name)] = std::move(function);
    return *this;
}

Scenario& Scenario::subroutine(
    std::string_view context,
    std::string_view extension,
    std::string_view priority,
    std::string value,
    std::chrono::nanoseconds duration
) {
    data_.subroutines[place(context, extension, priority)] = {std::move(value), duration, false};
    return *this;
}

Scenario& Scenario::subroutine_that_leaves(
    std::string_view context,
    std::string_view extension,
    std::string_view priority
) {
    data_.subroutines[place(context, extension, priority)] = {"", {}, true};
    return *this;
}

Scenario& Scenario::speech_engine() {
    return set(data_.speech_engine, true);
}

}  // namespace costrix::inline COSTRIX_ABI::testing
