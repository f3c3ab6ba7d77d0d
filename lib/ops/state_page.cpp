// SPDX-License-Identifier: MIT
// The state of a server as JSON. Times are seconds; ages count back from the response.
#include "ops/call_list.hpp"
#include "ops/counter_rows.hpp"
#include "ops/json.hpp"
#include "ops/pages.hpp"

#include <costrix/version.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

/// How many calls the live page lists.
constexpr std::size_t kListed = 100;

template <class Duration>
double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void write_call(JsonWriter& json, const ListedCall& call, Clock::time_point now) {
    json.open_object();
    json.string("id", call.unique_id).string("channel", call.channel);
    json.string("caller", call.caller_id).string("name", call.caller_name);
    json.string("extension", call.extension).string("path", call.path);
    json.string("route", call.route).seconds("age", seconds(now - call.began));
    json.string("waits_for", to_string(call.waiting.whom));
    json.seconds("wait", seconds(now - call.waiting.since));
    if (call.waiting.commanded) {
        json.string("command", command_name(call.waiting.command));
        json.string("object", call.waiting.object());
    }
    json.close_object();
}

void write_calls(JsonWriter& json, const CallList& list) {
    const auto now = Clock::now();
    json.open_array("calls");
    for (const auto& call : list.calls)
        write_call(json, call, now);
    json.close_array();
}

void write_rows(
    JsonWriter& json,
    std::string_view key,
    std::span<const CounterRow> rows,
    const agi::ServerCounters& counters
) {
    json.open_array(key);
    for (const auto& row : rows) {
        json.open_object().string("label", row.label).string("words", row.words);
        json.number("count", counters.*row.count).close_object();
    }
    json.close_array();
}

void write_turn_around(JsonWriter& json, const Store& store) {
    json.open_object("turn_around").open_array("bounds");
    for (const double bound : kTurnAroundBounds)
        json.seconds({}, bound);
    json.close_array().open_array("routes");
    const auto routes = store.routes();
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto sum = store.route(i);
        json.open_object().string("route", routes[i]).seconds("sum", sum.seconds());
        json.open_array("counts");
        for (const auto count : sum.counts)
            json.number({}, count);
        json.close_array().close_object();
    }
    json.close_array().close_object();
}

void write_events(JsonWriter& json, const Store& store) {
    json.open_array("events");
    for (const auto& event : store.events()) {
        json.open_object().seconds("when", seconds(event.when.time_since_epoch()));
        json.string("kind", event.kind).string("what", event.what);
        json.string("who", event.who).close_object();
    }
    json.close_array();
}

}  // namespace

Readiness readiness(const Store& store, const agi::ServerCounters& counters) noexcept {
    if (store.draining())
        return Readiness::draining;
    const auto loops = std::max<std::uint64_t>(counters.event_loops, 1);
    return store.full_loops() >= loops ? Readiness::full : Readiness::accepting;
}

std::string_view to_string(Readiness readiness) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"accepting", "full", "draining"};
    return kNames[static_cast<std::size_t>(readiness)];
}

std::string
state_page(const Store& store, const agi::ServerCounters& counters, std::string_view filter) {
    const auto list = list_calls(store, kListed, filter);
    JsonWriter json;
    json.open_object().string("version", version());
    json.seconds("uptime", seconds(Clock::now() - store.began()));
    json.string("state", to_string(readiness(store, counters)));
    json.number("sessions", counters.sessions).number("to_drain", store.to_drain());
    json.number("connections", counters.accepted);
    json.open_object("waits");
    for (const auto whom : {WaitsFor::script, WaitsFor::asterisk, WaitsFor::nobody})
        json.number(to_string(whom), list.waits[static_cast<std::size_t>(whom)]);
    json.close_object().seconds("longest_script_wait", seconds(list.longest_script_wait));
    write_rows(json, "ends", kEnds, counters);
    write_rows(json, "refusals", kRefusals, counters);
    write_rows(json, "faults", kFaults, counters);
    write_turn_around(json, store);
    write_events(json, store);
    json.number("matches", list.matches);
    write_calls(json, list);
    return std::move(json.close_object()).finish();
}

std::string calls_page(const Store& store) {
    const auto list = list_calls(store, std::numeric_limits<std::size_t>::max());
    JsonWriter json;
    json.open_object().number("total", list.total);
    write_calls(json, list);
    return std::move(json.close_object()).finish();
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
