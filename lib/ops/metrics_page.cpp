// SPDX-License-Identifier: MIT
// The families of metrics, in the order of the page.
#include "ops/call_list.hpp"
#include "ops/counter_rows.hpp"
#include "ops/pages.hpp"

#include <costrix/version.hpp>

#include <span>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

using agi::ServerCounters;

double seconds(Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void append_now(Exposition& page, const Store& store, const ServerCounters& counters) {
    page.gauge("costrix_build_info", "The version of Costrix, as a label.");
    const Label its_version{"version", version()};
    page.sample(std::uint64_t{1}, {&its_version, 1});
    page.gauge("costrix_sessions", "Sessions now.");
    page.sample(counters.sessions);
    page.gauge("costrix_accepting", "1 while new calls are accepted, 0 while full or draining.");
    page.sample(std::uint64_t{readiness(store, counters) == Readiness::accepting});
    page.gauge("costrix_draining", "1 after shutdown().");
    page.sample(std::uint64_t{store.draining()});
    const auto calls = count_calls(store);
    page.gauge("costrix_calls_waiting", "Calls now, by what they wait for.");
    for (const auto whom : {WaitsFor::script, WaitsFor::asterisk, WaitsFor::nobody}) {
        const Label label{"for", to_string(whom)};
        page.sample(std::uint64_t{calls.waits[static_cast<std::size_t>(whom)]}, {&label, 1});
    }
    page.gauge(
        "costrix_longest_script_wait_seconds",
        "How long the call that waits longest for its script has waited."
    );
    page.sample(seconds(calls.longest_script_wait));
}

void append_histograms(Exposition& page, const Store& store) {
    page.histogram(
        "costrix_turn_around_seconds", "From a reply of Asterisk's to our next command, by route."
    );
    const auto routes = store.routes();
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto sum = store.route(i);
        page.sample(kTurnAroundBounds, sum.counts, sum.seconds(), {"route", routes[i]});
    }
    page.histogram(
        "costrix_command_duration_seconds", "From a command to Asterisk's reply, by command."
    );
    for (std::size_t i = 0; i < kCommands; ++i) {
        const auto sum = store.command(i);
        if (sum.count() > 0)
            page.sample(kCommandBounds, sum.counts, sum.seconds(), {"command", command_name(i)});
    }
}

void append_rows(
    Exposition& page,
    std::span<const CounterRow> rows,
    std::string_view label,
    const ServerCounters& counters
) {
    for (const auto& row : rows) {
        const Label its{label, row.label};
        page.sample(counters.*row.count, {&its, 1});
    }
}

void append_counter(
    Exposition& page,
    std::string_view name,
    std::string_view help,
    std::uint64_t value
) {
    page.counter(name, help);
    page.sample(value);
}

void append_counters(Exposition& page, const ServerCounters& counters) {
    append_counter(
        page,
        "costrix_connections",
        "Connections accepted, whatever became of them.",
        counters.accepted
    );
    append_counter(page, "costrix_accept_errors", "Accepting failed.", counters.accept_errors);
    append_counter(
        page,
        "costrix_overloads",
        "Times that new calls began to be refused, the server being full.",
        counters.overloads
    );
    append_counter(page, "costrix_busy_calls", "Calls given to Options::busy.", counters.busy);
    append_counter(
        page,
        "costrix_health_probes",
        "Connections closed by the peer without a byte.",
        counters.health_probes
    );
    page.counter("costrix_refusals", "Connections closed before they got a handler, by reason.");
    append_rows(page, kRefusals, "reason", counters);
    page.counter("costrix_sessions_ended", "Calls whose handler has ended, by how.");
    append_rows(page, kEnds, "how", counters);
    page.counter("costrix_session_faults", "Sessions that were closed for a fault, by reason.");
    append_rows(page, kFaults, "reason", counters);
    append_counter(
        page,
        "costrix_session_commands",
        "Commands answered in sessions that have ended.",
        counters.commands
    );
    append_counter(
        page,
        "costrix_stray_exceptions",
        "Exceptions that left coroutines which a handler had started.",
        counters.stray_exceptions
    );
    append_counter(
        page,
        "costrix_regex_errors",
        "Patterns that were too complex for a path.",
        counters.regex_errors
    );
    page.counter("costrix_drained_sessions", "Sessions after shutdown(), by how they ended.");
    append_rows(page, kDrained, "how", counters);
}

}  // namespace

std::string metrics_page(const Store& store, const ServerCounters& counters, TextFormat format) {
    Exposition page(format);
    append_now(page, store, counters);
    append_histograms(page, store);
    append_counters(page, counters);
    append_counter(
        page,
        "costrix_audio_late_frames",
        "Audio messages of 20 ms not sent in time, in lines that have ended.",
        store.late_frames()
    );
    append_counter(
        page,
        "costrix_audio_lost_samples",
        "Samples of callers that a handler did not read in time, in lines that have ended.",
        store.lost_samples()
    );
    return std::move(page).finish();
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
