// SPDX-License-Identifier: MIT
// Reads the tables of calls, a few records at a time.
#include "ops/call_list.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

/// How many records are read under one lock: about 10 microseconds.
constexpr std::size_t kAtOnce = 256;

/// Where a call is, and what its place in the list goes by.
struct Place {
    Shard* shard;
    Slot slot;
    WaitsFor whom;
    Clock::time_point since;

    bool operator<(const Place& other) const noexcept {
        return std::tie(whom, since) < std::tie(other.whom, other.since);
    }
};

bool contains(std::string_view text, std::string_view part) noexcept {
    return text.find(part) != std::string_view::npos;
}

bool matches(const CallRecord& call, std::string_view filter) {
    const auto& environment = call.environment();
    return filter.empty() || contains(environment.unique_id(), filter) ||
           contains(environment.channel(), filter) ||
           contains(environment.get("agi_callerid"), filter) ||
           contains(environment.get("agi_calleridname"), filter) ||
           contains(environment.network_script(), filter);
}

/// Calls `visit(slot, record)` for each call of a shard, under its lock.
template <class Visit>
void each_call(Shard& shard, std::size_t at_once, Visit visit) {
    for (std::size_t slot = 0, end = 1; slot < end;) {
        const std::lock_guard lock(shard.mutex);
        end = shard.calls.end();
        for (std::size_t left = at_once; left > 0 && slot < end; --left, ++slot) {
            if (const auto* record = shard.calls.at(slot))
                visit(slot, *record);
        }
    }
}

ListedCall copy(const CallRecord& record, const std::vector<std::string>& routes) {
    const auto& environment = record.environment();
    ListedCall call;
    call.unique_id = environment.unique_id();
    call.channel = environment.channel();
    call.caller_id = environment.caller_id().value_or("");
    call.caller_name = environment.caller_id_name().value_or("");
    call.extension = environment.extension();
    const auto script = environment.network_script();
    call.path = script.substr(0, script.find('?'));  // the query may hold a secret
    call.route = routes[std::min<std::size_t>(record.route(), routes.size() - 1)];
    call.began = record.began();
    call.waiting = record.waiting();
    return call;
}

}  // namespace

CallList list_calls(const Store& store, std::size_t most, std::string_view filter) {
    CallList list;
    std::vector<Place> places;
    const auto now = Clock::now();
    for (std::size_t i = 0; i < store.shards(); ++i) {
        auto& shard = store.shard(i);
        each_call(shard, filter.empty() ? kAtOnce : 8, [&](Slot slot, const CallRecord& record) {
            const auto waiting = record.waiting();
            ++list.total;
            ++list.waits[static_cast<std::size_t>(waiting.whom)];
            if (waiting.whom == WaitsFor::script)
                list.longest_script_wait = std::max(list.longest_script_wait, now - waiting.since);
            if (!matches(record, filter))
                return;
            ++list.matches;
            if (most > 0)
                places.push_back({&shard, slot, waiting.whom, waiting.since});
        });
    }
    const auto end = places.begin() + static_cast<std::ptrdiff_t>(std::min(most, places.size()));
    std::partial_sort(places.begin(), end, places.end());
    places.erase(end, places.end());
    const auto routes = store.routes();
    list.calls.reserve(places.size());
    for (const auto& [shard, slot, whom, since] : places) {
        const std::lock_guard lock(shard->mutex);
        // If the call has ended since, another one may have its slot.
        if (const auto* record = slot < shard->calls.end() ? shard->calls.at(slot) : nullptr)
            list.calls.push_back(copy(*record, routes));
    }
    return list;
}

CallList count_calls(const Store& store) {
    return list_calls(store, 0);
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
