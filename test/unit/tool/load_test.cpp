// SPDX-License-Identifier: MIT
// A load's arithmetic: histogram, schedule, callers, reports.
#include "tool/load/caller.hpp"
#include "tool/load/histogram.hpp"
#include "tool/load/load_options.hpp"
#include "tool/load/load_recorder.hpp"
#include "tool/load/plot.hpp"
#include "tool/load/schedule.hpp"
#include "tool/scenario_file.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Histogram, KeepsEveryDurationToWithinItsResolution) {
    for (nanoseconds value = 1ns; value < 1h; value = value * 3 / 2 + 1ns) {
        Histogram<7> histogram;
        histogram.record(value);
        histogram.record(2h);  // so that the maximum does not help
        const auto found = histogram.quantile(0.5);
        EXPECT_GE(found, value);
        EXPECT_LE(found - value, value / 128) << value.count();
    }
}

TEST(Histogram, FindsQuantiles) {
    Histogram<7> histogram;
    for (int i = 1; i <= 1000; ++i)
        histogram.record(i * 1us);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(0.5).count()), 500e3, 500e3 / 128);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99).count()), 990e3, 990e3 / 128);
    EXPECT_EQ(histogram.quantile(1), 1ms);
    EXPECT_EQ(histogram.max(), 1ms);
    EXPECT_EQ(histogram.min(), 1us);
    EXPECT_EQ(histogram.mean(), 500500ns);
}

TEST(Histogram, IsEmptyAtFirstAndAddsUp) {
    Histogram<4> one, other;
    EXPECT_EQ(one.quantile(0.5), 0ns);
    EXPECT_EQ(one.max(), 0ns);
    EXPECT_EQ(one.min(), 0ns);
    one.record(1ms);
    other.record(3ms);
    one.add(other);
    EXPECT_EQ(one.count(), 2U);
    EXPECT_EQ(one.max(), 3ms);
    EXPECT_EQ(one.min(), 1ms);
    one.record(-5ns);  // clocks of two cores may differ by that
    EXPECT_EQ(one.min(), 0ns);
}

TEST(Schedule, IsEvenWithoutARamp) {
    const Schedule schedule(100, 0s);
    EXPECT_EQ(schedule.due(0), 0ns);
    EXPECT_EQ(schedule.due(1), 10ms);
    EXPECT_EQ(schedule.due(1000), 10s);
}

TEST(Schedule, RisesEvenlyDuringTheRamp) {
    const Schedule schedule(100, 10s);
    // Half as many as without a ramp, and half of these in the last three of ten seconds.
    EXPECT_EQ(schedule.due(500), 10s);
    EXPECT_NEAR(static_cast<double>(schedule.due(250).count()), 7.0711e9, 1e6);
    EXPECT_EQ(schedule.due(501), 10010ms);
    for (std::uint64_t call = 0; call < 2000; ++call)
        EXPECT_LT(schedule.due(call), schedule.due(call + 1)) << call;
}

TEST(Schedule, LetsConcurrencyRise) {
    EXPECT_EQ(ramped_concurrency(100, 0s, 0s), 100U);
    EXPECT_EQ(ramped_concurrency(100, 10s, 0s), 1U);
    EXPECT_EQ(ramped_concurrency(100, 10s, 5s), 50U);
    EXPECT_EQ(ramped_concurrency(100, 10s, 11s), 100U);
}

// ---------------------------------------------------------------- callers

/// How many of a thousand callers would press these keys first.
int pressing(const LoadOptions& options, const std::string& prompt, const std::string& keys) {
    Callers callers(options);
    int count = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto scenario = callers.next();
        count += scenario.data().responses.at(prompt).front().keys == keys ? 1 : 0;
    }
    return count;
}

TEST(Callers, PressKeysByProbability) {
    LoadOptions options;
    options.presses = {{"1", "menu", 0.6}, {"2", "menu", 0.3}, {"1234", "pin", 1}};
    EXPECT_NEAR(pressing(options, "menu", "1"), 600, 80);
    EXPECT_NEAR(pressing(options, "menu", "2"), 300, 80);
    EXPECT_NEAR(pressing(options, "menu", ""), 100, 50);
    EXPECT_EQ(pressing(options, "pin", "1234"), 1000);
}

TEST(Callers, ThinkAndHangUpWithinTheirRanges) {
    LoadOptions options;
    options.presses = {{"1", "menu", 1}};
    options.think = {1s, 2s};
    options.hangups = {{0.25, {3s, 4s}}};
    Callers callers(options);
    int hangups = 0;
    nanoseconds shortest = 1h, longest{};
    for (int i = 0; i < 1000; ++i) {
        const auto scenario = callers.next();
        const auto think = scenario.data().responses.at("menu").front().first_after;
        shortest = std::min(shortest, think);
        longest = std::max(longest, think);
        for (const auto& deed : scenario.data().timed) {
            ++hangups;
            EXPECT_GE(deed.at, 3s);
            EXPECT_LE(deed.at, 4s);
        }
    }
    EXPECT_GE(shortest, 1s);
    EXPECT_LT(shortest, 1100ms);
    EXPECT_LE(longest, 2s);
    EXPECT_GT(longest, 1900ms);
    EXPECT_NEAR(hangups, 250, 80);
}

TEST(Callers, AreTheSameForTheSameSeed) {
    LoadOptions options;
    options.presses = {{"1", "menu", 0.5}};
    const int first = pressing(options, "menu", "1");
    EXPECT_EQ(pressing(options, "menu", "1"), first);
    options.seed = 2;
    EXPECT_NE(pressing(options, "menu", "1"), first);
}

TEST(Callers, HaveIdsOfTheirOwn) {
    LoadOptions options;
    Callers callers(options);
    const auto one = callers.next(), other = callers.next();
    EXPECT_NE(one.data().unique_id, other.data().unique_id);
}

// ---------------------------------------------------------------- books and reports

TEST(Recorder, MergesIntervalsOfALongLoad) {
    const std::chrono::steady_clock::time_point start{};
    Recorder recorder(start);
    for (int i = 0; i < 100'000; ++i) {
        const auto now = start + i * 10ms;  // 1000 s
        recorder.advance(now, 1);
        recorder.commands(1);
        recorder.turnaround(1ms);
    }
    const auto result = recorder.finish(start + 1000s, start + 1000s);
    EXPECT_LE(result.timeline.size(), 240U);
    EXPECT_GE(result.interval * static_cast<int>(result.timeline.size()), 1000s);
    std::uint64_t commands = 0, latencies = 0;
    for (const auto& part : result.timeline) {
        commands += part.commands;
        latencies += part.turnaround.count();
    }
    EXPECT_EQ(commands, 100'000U);
    EXPECT_EQ(latencies, 100'000U);
}

LoadResult some_result() {
    LoadResult result;
    result.begun = result.ended = 100;
    result.commands = 1000;
    result.took = 2s;
    result.interval = 1s;
    result.timeline.resize(2);
    result.statuses["SUCCESS"] = 97;
    result.errors["connect: <Connection refused>"] = 3;
    for (int i = 1; i <= 100; ++i) {
        result.first_command.record(i * 1ms);
        result.turnaround.record(i * 10us);
        result.timeline[0].turnaround.record(i * 10us);
    }
    return result;
}

LoadOptions some_options() {
    LoadOptions options;
    options.url = AgiUrl::parse("agi://host/menu?a=1&b=<2>");
    options.rate = 50;
    return options;
}

TEST(LoadReport, SaysWhenTheGeneratorIsTheBottleneck) {
    auto result = some_result();
    EXPECT_EQ(load_text(some_options(), result).find("bottleneck"), std::string::npos);
    result.busy = 0.97;
    EXPECT_NE(load_text(some_options(), result).find("bottleneck"), std::string::npos);
    EXPECT_NE(load_html(some_options(), result).find("bottleneck"), std::string::npos);
    EXPECT_NE(
        load_json(some_options(), result).find("\"generator_is_bottleneck\": true"),
        std::string::npos
    );
}

TEST(LoadReport, IsAPageOfItsOwn) {
    const auto page = load_html(some_options(), some_result());
    for (const char* outside : {"<script", "<link", "src=", "@import", "url("})
        EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    EXPECT_EQ(page.find("nan"), std::string::npos);
    EXPECT_EQ(page.find("inf"), std::string::npos);
    EXPECT_NE(page.find("a=1&amp;b=&lt;2&gt;"), std::string::npos);
    EXPECT_NE(page.find("&lt;Connection refused&gt;"), std::string::npos);
    EXPECT_NE(page.find("<svg"), std::string::npos);
}

TEST(LoadReport, HasNothingToShowOfNothing) {
    LoadResult nothing;
    nothing.interval = 100ms;
    nothing.timeline.resize(1);
    const auto page = load_html(some_options(), nothing);
    EXPECT_EQ(page.find("nan"), std::string::npos);
    EXPECT_EQ(page.find("inf"), std::string::npos);
    EXPECT_NE(load_text(some_options(), nothing).find("0 calls"), std::string::npos);
}

TEST(ScenarioFile, BecomesOptions) {
    const auto file = std::filesystem::temp_directory_path() / "costrix_scenario_test.txt";
    std::ofstream(file) << "# evening\n\n  press 1@menu:60%  \nline-by-line\nthink\t1s..2s\r\n";
    const auto words = with_scenario_files({"load", "--scenario", file.string(), "--calls", "5"});
    std::filesystem::remove(file);
    const std::vector<std::string> expected{
        "load", "--press", "1@menu:60%", "--line-by-line", "--think", "1s..2s", "--calls", "5"};
    EXPECT_EQ(words, expected);
    EXPECT_THROW((void)with_scenario_files({"--scenario", "/no/such/file"}), std::runtime_error);
    std::ofstream(file) << "scenario other.txt\n";
    EXPECT_THROW(
        (void)with_scenario_files({"load", "--scenario=" + file.string()}), std::runtime_error
    );
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace costrix::tool
