// SPDX-License-Identifier: MIT
// The options of `costrix load`, and its progress bar.
#include "tool/formatting.hpp"
#include "tool/load/load_options.hpp"
#include "tool/option_types.hpp"
#include "tool/scenario_options.hpp"
#include "tool/subcommands.hpp"
#include "tool/terminal.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;

constexpr const char* kLoadEpilogue =
    R"(Exit status: 0 without errors, 1 with errors, 2 wrong command line, 4 no call
was connected, 130 interrupted.

Examples:
  costrix load agi://127.0.0.1/menu --calls 10000 --press 1@vm-options
  costrix load agi://127.0.0.1/menu --rate 200 --ramp 10s --duration 1m \
      --press 1@vm-options:70% --press 2@vm-options:20% --think 0.5s..2s \
      --sounds 2s --hangup 5%@0s..3s --html report.html

A scenario file has the same options, one a line, without their dashes:
  press 1@vm-options:70%)";

struct LoadArguments {
    LoadOptions options;
    std::string url;
    std::vector<std::string> arguments;
    bool json = false;
    bool quiet = false;
    std::string html;
};

DurationRange checked_range(const std::string& text) {
    try {
        return parse_duration_range(text);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

double checked_probability(const std::string& text) {
    std::size_t used = 0;
    double number = -1;
    try {
        number = std::stod(text, &used);
    } catch (const std::logic_error&) {
        used = 0;
    }
    if (used + 1 != text.size() || text.back() != '%' || !(number >= 0 && number <= 100))
        throw CLI::ValidationError("'" + text + "' is not a probability such as 5%");
    return number / 100;
}

/// KEYS@PROMPT[:PROBABILITY]
KeyPress parse_press(const std::string& text) {
    KeyPress press;
    const auto mark = split_at(text, '@', "KEYS@PROMPT[:PROBABILITY]");
    press.keys = text.substr(0, mark);
    check_keys(press.keys);
    press.prompt = text.substr(mark + 1);
    if (const auto colon = press.prompt.rfind(':'); colon != std::string::npos) {
        press.probability = checked_probability(press.prompt.substr(colon + 1));
        press.prompt.erase(colon);
    }
    return press;
}

/// PROBABILITY@RANGE
EarlyHangup parse_hangup(const std::string& text) {
    const auto mark = split_at(text, '@', "PROBABILITY@RANGE");
    return {checked_probability(text.substr(0, mark)), checked_range(text.substr(mark + 1))};
}

void add_load(CLI::App& app, LoadOptions& options) {
    constexpr const char* group = "The load";
    app.add_option("--calls", options.calls, "Number of calls; 1000 without --duration")
        ->check(number_within<std::uint64_t>(1, 1'000'000'000))
        ->type_name("NUMBER")
        ->group(group);
    const auto duration = [&](nanoseconds time) { options.duration = time; };
    add_duration(app, "--duration", duration, "No call is due after this time")->group(group);
    app.add_option(
           "--rate", options.rate, "Calls per second; without it, a call begins when another ends"
    )
        ->check(number_within(0.001, 1e7))
        ->type_name("NUMBER")
        ->group(group);
    app.add_option(
           "--concurrency",
           options.concurrency,
           "Maximum calls at once; 64 by default, no limit with --rate"
    )
        ->check(number_within<std::size_t>(1, 1'000'000))
        ->type_name("NUMBER")
        ->group(group);
    const auto ramp = [&](nanoseconds time) { options.ramp = time; };
    add_duration(app, "--ramp", ramp, "Time over which the rate, or else the concurrency, rises")
        ->group(group);
    const auto timeout = [&](nanoseconds time) { options.timeout = time; };
    add_duration(
        app, "--timeout", timeout, "A script silent for this long is an error; 30s by default"
    )
        ->group(group);
    app.add_flag(
           "--line-by-line",
           options.line_by_line,
           "Sends the environment in 24 pieces, as Asterisk does"
    )
        ->group(group);
    app.add_option("--seed", options.seed, "Seed of the random callers")
        ->type_name("NUMBER")
        ->group(group);
}

void add_callers(CLI::App& app, LoadOptions& options) {
    constexpr const char* group = "What the callers do";
    const auto press = [&](const std::string& value) {
        options.presses.push_back(parse_press(value));
    };
    add_each(
        app,
        "--press",
        "KEYS@PROMPT[:PROBABILITY]",
        press,
        "Presses keys when this sound starts; of several for one sound,\n"
        "one is chosen. 100% by default"
    )
        ->group(group);
    const auto think = [&](const std::string& value) { options.think = checked_range(value); };
    app.add_option_function<std::string>(
           "--think", think, "Time before the first key; 0s by default"
    )
        ->type_name("RANGE")
        ->group(group);
    const auto hangup = [&](const std::string& value) {
        options.hangups.push_back(parse_hangup(value));
    };
    add_each(app, "--hangup", "PROBABILITY@RANGE", hangup, "Callers that hang up early: 5%@0s..3s")
        ->group(group);
    const auto talk = [&](nanoseconds time) { options.scenario.talks_for(time); };
    add_duration(app, "--talk", talk, "Talks into a recording for this long; 0s by default")
        ->group(group);
    const auto audio = [&](nanoseconds time) {
        options.scenario.answered().hang_up_during("AudioSocket", time);
    };
    add_duration(app, "--audio", audio, "Talks to the script for this long, then hangs up")
        ->group(group);
}

void add_reports(CLI::App& app, LoadArguments& given) {
    constexpr const char* group = "The report";
    app.add_flag("--json", given.json, "Prints the report as JSON")->group(group);
    app.add_option("--html", given.html, "Writes the report to this file, as a page with plots")
        ->type_name("FILE")
        ->group(group);
    app.add_flag("--quiet,-q", given.quiet, "Shows no progress bar")->group(group);
}

/// One line that is drawn again and again.
void draw_progress(const LoadOptions& options, const LoadProgress& progress) {
    const auto& result = progress.result;
    double share = 0;
    if (options.calls && *options.calls > 0)
        share = static_cast<double>(result.ended) / static_cast<double>(*options.calls);
    if (options.duration)
        share = std::max(share, std::chrono::duration<double>(progress.passed) / *options.duration);
    const auto columns = columns_of(STDERR_FILENO);
    const std::string text = " " + in_seconds(progress.passed, 1) + " s  " + grouped(result.ended) +
                             " calls  " + grouped(progress.at_once) + " at once  " +
                             grouped(result.error_count()) + " errors ";
    const auto room =
        columns > text.size() + 4 ? std::min<std::size_t>(40, columns - text.size() - 4) : 0;
    const auto full = static_cast<std::size_t>(std::min(share, 1.0) * static_cast<double>(room));
    std::string bar;
    for (std::size_t i = 0; i < room; ++i)
        bar += i < full ? "█" : "░";
    std::cerr << '\r' << bar << text.substr(0, columns - 1) << "\x1b[K" << std::flush;
}

/// The file of `--html`, opened before the load so that an error shows at once.
class Page {
public:
    explicit Page(std::string name) : name_(std::move(name)) {
        if (!name_.empty() && (file_.open(name_, std::ios::binary), !file_))
            fail();
    }
    void write(const LoadOptions& options, const LoadResult& result) {
        if (!name_.empty() && !(file_ << load_html(options, result)).flush())
            fail();
    }

private:
    [[noreturn]] void fail() const { throw std::runtime_error("cannot write " + name_); }

    std::string name_;
    std::ofstream file_;
};

/// Of the presses for one sound a caller does one.
void check_probabilities(const std::vector<KeyPress>& presses) {
    std::map<std::string, double> sums;
    for (const auto& press : presses) {
        const auto sum = sums[press.prompt] += press.probability;
        if (sum > 1 + 1e-9)
            throw CLI::ValidationError(
                "--press: the probabilities for " + press.prompt + " add up to " +
                fixed(sum * 100, 0) + "%, more than 100%"
            );
    }
}

ExitStatus status_of(const LoadResult& result) {
    if (result.interrupted)
        return ExitStatus::interrupted;
    const auto errors = result.error_count();
    std::uint64_t unconnected = 0;
    for (const auto& [kind, count] : result.errors) {
        if (kind.starts_with("connect"))
            unconnected += count;
    }
    if (unconnected > 0 && unconnected == result.ended)
        return ExitStatus::no_connection;
    return errors > 0 || result.lacks_application() ? ExitStatus::failure : ExitStatus::success;
}

ExitStatus run(LoadArguments& given) {
    auto& options = given.options;
    options.url = checked_url(given.url);
    check_probabilities(options.presses);
    options.scenario.url(options.url.text).args(with_arguments(options.url, given.arguments));
    options.scenario.epoch(std::time(nullptr));
    Page page(given.html);
    if (!options.calls && !options.duration)
        options.calls = 1000;
    const bool bar = !given.quiet && isatty(STDERR_FILENO) != 0;
    std::function<void(const LoadProgress&)> progress;
    if (bar)
        progress = [&](const LoadProgress& state) { draw_progress(options, state); };
    const auto result = run_load(options, progress);
    if (bar)
        std::cerr << "\r\x1b[K" << std::flush;
    if (given.json)
        std::cout << load_json(options, result) << '\n';
    else
        std::cout << load_text(options, result);
    page.write(options, result);
    return status_of(result);
}

}  // namespace

void add_load_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand(
        "load", "Places many simulated calls, and measures how fast they are answered"
    );
    const auto given = std::make_shared<LoadArguments>();
    auto& options = given->options;
    // Nothing takes time but the script.
    options.scenario.caller_number("5551234").any_sound({}).talks_for({});
    add_script(command, "URL", given->url);
    command.add_option("ARGUMENT", given->arguments, "Arguments of AGI(): agi_arg_1 and so on")
        ->type_name("");
    add_load(command, options);
    add_callers(command, options);
    add_scenario_options(command, options.scenario);
    add_reports(command, *given);
    // Its options are put in its place before the parser sees it.
    command.add_option("--scenario", "Reads options from this file; those after it override them")
        ->type_name("FILE")
        ->group("The load");
    for (auto* const option : command.get_options()) {
        if (option->get_expected_max() == 1)
            option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    command.footer(kLoadEpilogue);
    command.callback([given, &status] { status = run(*given); });
}

}  // namespace costrix::tool
