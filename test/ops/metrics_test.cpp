// SPDX-License-Identifier: MIT
// What a Metrics makes of the events of calls.
#include "ops/call_list.hpp"
#include "ops/observed_call.hpp"
#include "ops/pages.hpp"
#include "ops/store.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/protocol/command_table.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace costrix::ops::detail {
namespace {

using namespace std::chrono_literals;
using test::ObservedCall;

std::string text(const Metrics& metrics, const agi::ServerCounters& counters = {}) {
    return metrics_page(metrics.store(), counters, TextFormat::prometheus);
}

void expect_line(const std::string& page, const std::string& line) {
    EXPECT_NE(page.find("\n" + line + "\n"), std::string::npos) << line << "\n" << page;
}

TEST(Commands, AreAllFoundByNumber) {
    for (std::size_t i = 0; i < agi::kCommandTable.size(); ++i) {
        const auto number = static_cast<std::uint8_t>(i + 1);
        EXPECT_EQ(command_index(number), i);
        EXPECT_EQ(command_name(command_index(number)), agi::kCommandTable[i].name);
    }
    EXPECT_EQ(command_index(0), kOther);
    EXPECT_EQ(command_name(kOther), "other");
}

TEST(Commands, ShowTheirFileOrApplicationAndNothingThatACallerEntered) {
    Metrics metrics;
    ObservedCall call(metrics, "a");
    const auto shown = [&](std::string_view name, std::string_view line) {
        call.command(name, line);
        const auto object = list_calls(metrics.store(), 1).calls.at(0).waiting.object();
        call.finish();
        return object;
    };
    EXPECT_EQ(shown("STREAM FILE", R"(STREAM FILE "custom/welcome" "#")"), "custom/welcome");
    EXPECT_EQ(shown("STREAM FILE", R"(STREAM FILE "custom/en/welcome" "#")"), "custom/en/welco");
    EXPECT_EQ(shown("EXEC", R"(EXEC "Dial" "PJSIP/bob,20")"), "Dial");
    EXPECT_EQ(shown("EXEC", "EXEC Queue sales"), "Queue");
    EXPECT_EQ(shown("GET DATA", R"(GET DATA "agent-pass" 5000 4)"), "agent-pass");
    EXPECT_EQ(shown("SET VARIABLE", R"(SET VARIABLE "PIN" "1234")"), "");
    EXPECT_EQ(shown("SAY DIGITS", R"(SAY DIGITS "1234" "")"), "");
    EXPECT_EQ(shown("STREAM FILE", "STREAM FILE"), "");
    EXPECT_EQ(shown("other", "JABBER SEND x"), "");
}

TEST(CallRecordTest, TellsWhatTheCallWaitsFor) {
    Metrics metrics;
    const auto waiting = [&] { return list_calls(metrics.store(), 10).calls.at(0).waiting; };
    ObservedCall call(metrics, "menu$");
    EXPECT_EQ(waiting().whom, WaitsFor::script);
    EXPECT_FALSE(waiting().commanded);
    call.command("STREAM FILE", R"(STREAM FILE "a-name-of-more-than-16-bytes" "")");
    EXPECT_EQ(waiting().whom, WaitsFor::asterisk);
    EXPECT_EQ(command_name(waiting().command), "STREAM FILE");
    EXPECT_EQ(waiting().object(), "a-name-of-more-");
    const auto since = waiting().since;
    call.hang_up();  // Asterisk answers the command nevertheless
    EXPECT_EQ(waiting().whom, WaitsFor::asterisk);
    EXPECT_EQ(waiting().since, since);
    call.finish();
    EXPECT_EQ(waiting().whom, WaitsFor::nobody);
    EXPECT_GE(waiting().since, since);
}

TEST(CallRecordTest, LeavesTheListWithTheCall) {
    Metrics metrics;
    std::vector<std::unique_ptr<ObservedCall>> calls;
    for (int i = 0; i < 200; ++i)
        calls.push_back(std::make_unique<ObservedCall>(metrics, "a", std::to_string(i)));
    EXPECT_EQ(list_calls(metrics.store(), 10).total, 200U);
    for (std::size_t i = 0; i < 200; i += 2)
        calls[i].reset();
    EXPECT_EQ(list_calls(metrics.store(), 1000).calls.size(), 100U);
    for (std::size_t i = 0; i < 200; i += 2)  // their places are used again
        calls[i] = std::make_unique<ObservedCall>(metrics, "a", std::to_string(i));
    EXPECT_EQ(count_calls(metrics.store()).total, 200U);
    EXPECT_LE(metrics.store().shard().calls.end(), 300U);
    calls.clear();
    EXPECT_EQ(count_calls(metrics.store()).total, 0U);
    EXPECT_TRUE(list_calls(metrics.store(), 10).calls.empty());
}

TEST(CallRecordTest, NoticesWhatOtherThreadsReadMeanwhile) {
    Metrics metrics;
    ObservedCall call(metrics, "a");
    call.command("EXEC", R"(EXEC "aaaaaaaaaaaaaaaa" "")");
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (int i = 0; i < 20'000; ++i) {
            call.finish();
            call.command("SET VARIABLE", R"(SET VARIABLE "PIN" "12345678")");
            call.finish();
            call.command(
                "EXEC",
                i % 2 == 0 ? R"(EXEC "bbbbbbbbbbbbbbbb" "")" : R"(EXEC "aaaaaaaaaaaaaaaa" "")"
            );
        }
        done = true;
    });
    const std::string as(15, 'a'), bs(15, 'b');
    while (!done) {  // never half of one and half of the other, and no argument of SET VARIABLE
        const auto shown = list_calls(metrics.store(), 1).calls.at(0).waiting.object();
        if (shown != "" && shown != as && shown != bs) {
            ADD_FAILURE() << shown;
            break;
        }
    }
    writer.join();
}

TEST(CallListTest, BeginsWithTheCallsThatWaitLongestForTheScript) {
    Metrics metrics;
    ObservedCall first(metrics, "a", "1.1"), second(metrics, "a", "2.2"),
        third(metrics, "a", "3.3"), dead(metrics, "a", "4.4");
    first.command("ANSWER", "ANSWER");
    second.command("ANSWER", "ANSWER");
    third.command("ANSWER", "ANSWER");
    second.finish(1ms);
    first.finish(9ms);
    dead.hang_up();
    const auto list = list_calls(metrics.store(), 3);
    ASSERT_EQ(list.calls.size(), 3U);
    EXPECT_EQ(list.total, 4U);
    EXPECT_EQ(list.matches, 4U);
    EXPECT_EQ(list.waits, (std::array<std::size_t, 3>{2, 1, 1}));
    EXPECT_EQ(list.calls[0].unique_id, "2.2");
    EXPECT_EQ(list.calls[1].unique_id, "1.1");
    EXPECT_EQ(list.calls[2].unique_id, "3.3");
    EXPECT_EQ(list.calls[0].path, "menu");  // without its query, which may hold a secret
    EXPECT_EQ(list.calls[0].caller_id, "5551234");
    EXPECT_GE(list.longest_script_wait, 0ns);
}

TEST(CallListTest, IsFilteredByAnyPartOfANameOrNumber) {
    Metrics metrics;
    ObservedCall one(metrics, "a", "17.1", "5550001"), other(metrics, "a", "18.2", "5550002");
    EXPECT_EQ(list_calls(metrics.store(), 9, "0002").calls.at(0).unique_id, "18.2");
    EXPECT_EQ(list_calls(metrics.store(), 9, "alice-17").matches, 1U);
    EXPECT_EQ(list_calls(metrics.store(), 9, "menu").matches, 2U);
    EXPECT_EQ(list_calls(metrics.store(), 9, "bob").matches, 0U);
    EXPECT_EQ(list_calls(metrics.store(), 9, "bob").total, 2U);
}

TEST(MetricsPage, HasTurnAroundsByRouteAndDurationsByCommand) {
    Metrics metrics;
    {
        ObservedCall menu(metrics, "menu$"), other(metrics, "");
        menu.command("ANSWER", "ANSWER", 400us);
        menu.finish(3ms);
        menu.command("GET DATA", "GET DATA \"x\"", 2s);
        menu.finish(7s);
        other.command("ANSWER", "ANSWER", 50us);
        other.finish(400us);
    }
    const auto page = text(metrics);
    const std::string menu = "costrix_turn_around_seconds_bucket{route=\"menu$\",le=";
    expect_line(page, menu + "\"0.0001\"} 0");
    expect_line(page, menu + "\"0.0005\"} 1");
    expect_line(page, menu + "\"1.0\"} 1");
    expect_line(page, menu + "\"2.5\"} 2");
    expect_line(page, menu + "\"+Inf\"} 2");
    expect_line(page, "costrix_turn_around_seconds_sum{route=\"menu$\"} 2.0004");
    expect_line(page, "costrix_turn_around_seconds_count{route=\"default\"} 1");
    expect_line(page, "costrix_command_duration_seconds_count{command=\"ANSWER\"} 2");
    expect_line(page, "costrix_command_duration_seconds_sum{command=\"GET DATA\"} 7");
    EXPECT_EQ(page.find("command=\"HANGUP\""), std::string::npos);
}

TEST(MetricsPage, LeavesOutWhatNobodyHears) {
    Metrics metrics;
    ObservedCall call(metrics, "menu$");
    call.hang_up();
    call.command("SET VARIABLE", "SET VARIABLE a b", 5s);
    expect_line(text(metrics), "costrix_turn_around_seconds_count{route=\"menu$\"} 0");
}

TEST(MetricsPage, HasFewRoutes) {
    Metrics metrics;
    for (int i = 0; i < 100; ++i) {
        ObservedCall call(metrics, "route-" + std::to_string(i));
        call.command("ANSWER", "ANSWER");
    }
    const auto page = text(metrics);
    expect_line(page, "costrix_turn_around_seconds_count{route=\"route-62\"} 1");
    expect_line(page, "costrix_turn_around_seconds_count{route=\"other\"} 37");
    EXPECT_EQ(page.find("route-63"), std::string::npos);
}

TEST(MetricsPage, HasTheServersCounters) {
    Metrics metrics;
    agi::ServerCounters counters;
    counters.sessions = 3;
    counters.refused_no_route = 5;
    counters.hangups = 7;
    counters.drained = 2;
    const auto page = text(metrics, counters);
    expect_line(page, "costrix_sessions 3");
    expect_line(page, "costrix_refusals_total{reason=\"no_route\"} 5");
    expect_line(page, "costrix_sessions_ended_total{how=\"hung_up\"} 7");
    expect_line(page, "costrix_drained_sessions_total{how=\"ended\"} 2");
    expect_line(page, "costrix_accepting 1");
    expect_line(page, "costrix_calls_waiting{for=\"script\"} 0");
}

TEST(MetricsPage, CountsLateAudio) {
    Metrics metrics;
    ObservedCall call(metrics, "a");
    agi::AudioLineCounters audio;
    audio.skipped_messages = 4;
    audio.lost_samples = 160;
    call.observer().on_audio_closed(audio);
    expect_line(text(metrics), "costrix_audio_late_frames_total 4");
    expect_line(text(metrics), "costrix_audio_lost_samples_total 160");
    metrics.on_audio_closed({}, audio);  // of an AudioServer
    expect_line(text(metrics), "costrix_audio_late_frames_total 8");
    expect_line(text(metrics), "costrix_audio_lost_samples_total 320");
}

TEST(ReadinessTest, FollowsOverloadAndDrain) {
    Metrics metrics;
    agi::ServerCounters counters;
    counters.event_loops = 2;
    const auto is = [&] { return to_string(readiness(metrics.store(), counters)); };
    EXPECT_EQ(is(), "accepting");
    metrics.on_overload(true);
    EXPECT_EQ(is(), "accepting");  // the other loop gets the next call
    metrics.on_overload(true);
    EXPECT_EQ(is(), "full");
    metrics.on_overload(false);
    EXPECT_EQ(is(), "accepting");
    metrics.on_drain(3);
    metrics.on_drain(4);
    EXPECT_EQ(is(), "draining");
    EXPECT_EQ(metrics.store().to_drain(), 7U);
    expect_line(text(metrics), "costrix_draining 1");
}

TEST(Events, AreTheLatestOnes) {
    Metrics metrics;
    const auto reason = agi::Refusal::Reason::no_route;
    for (int i = 0; i < 60; ++i) {
        const auto what = "no handler for /x" + std::to_string(i);
        metrics.on_refusal({reason, what, nullptr, nullptr});
    }
    metrics.on_refusal({agi::Refusal::Reason::health_probe, "silent", nullptr, nullptr});
    const auto events = metrics.store().events();
    ASSERT_EQ(events.size(), Store::kMaxEvents);
    EXPECT_EQ(events.front().what, "no handler for /x59");
    EXPECT_EQ(events.front().kind, "no_route");
    ObservedCall call(metrics, "a", "9.9");
    call.observer().on_error({agi::CallError::Kind::handler, "out of luck", nullptr});
    EXPECT_EQ(metrics.store().events().front().what, "out of luck");
    EXPECT_EQ(metrics.store().events().front().who, "9.9 PJSIP/alice-9.9");
}

TEST(StatePage, EscapesWhatACallerMayHaveChosen) {
    Metrics metrics;
    ObservedCall call(metrics, "a", "1.1", "<script>alert(1)</script>\x1b\"");
    const auto page = state_page(metrics.store(), {}, "");
    EXPECT_NE(
        page.find(R"("caller":"\u003cscript>alert(1)\u003c/script>\\x1b\"")"), std::string::npos
    ) << page;
    EXPECT_EQ(page.find('<'), std::string::npos);
}

TEST(StatePage, ListsAHundredCallsAndCallsPageAll) {
    Metrics metrics;
    std::vector<std::unique_ptr<ObservedCall>> calls;
    for (int i = 0; i < 150; ++i)
        calls.push_back(std::make_unique<ObservedCall>(metrics, "a", std::to_string(i)));
    const auto number = [](const std::string& page) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = page.find("\"id\":", at)) != std::string::npos; ++at)
            ++found;
        return found;
    };
    EXPECT_EQ(number(state_page(metrics.store(), {}, "")), 100U);
    EXPECT_EQ(number(calls_page(metrics.store())), 150U);
}

/// A list is never half of one moment and half of another.
TEST(CallListTest, IsReadWhileCallsComeAndGo) {
    Metrics metrics;
    std::atomic<bool> stop = false;
    std::vector<std::thread> loops;
    for (int thread = 0; thread < 2; ++thread) {
        loops.emplace_back([&] {
            while (!stop) {
                ObservedCall call(metrics, "a");
                call.command("STREAM FILE", "STREAM FILE \"aaaaaaaaaaaaaaaa\"");
                call.finish();
                call.command("GET DATA", "GET DATA \"bbbbbbbbbbbbbbbb\"");
                call.finish();
            }
        });
    }
    std::size_t seen = 0;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (seen < 500 && std::chrono::steady_clock::now() < end) {
        for (const auto& call : list_calls(metrics.store(), 10).calls) {
            const auto shown = call.waiting.object();
            if (shown.empty())
                continue;
            ++seen;
            const auto name = command_name(call.waiting.command);
            EXPECT_EQ(shown, std::string(15, name == "GET DATA" ? 'b' : 'a')) << name;
        }
    }
    stop = true;
    for (auto& loop : loops)
        loop.join();
    EXPECT_GT(seen, 0U);
    EXPECT_EQ(count_calls(metrics.store()).total, 0U);
}

}  // namespace
}  // namespace costrix::ops::detail
