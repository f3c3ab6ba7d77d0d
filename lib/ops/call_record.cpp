// SPDX-License-Identifier: MIT
// What a call's record keeps beside its measures, and where it is.
#include "ops/call_record.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <cstring>
#include <mutex>

namespace costrix::inline COSTRIX_ABI::ops::detail {

std::string_view to_string(WaitsFor whom) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"script", "asterisk", "nobody"};
    return kNames[static_cast<std::size_t>(whom)];
}

std::string Waiting::object() const {
    std::string_view text(arguments.data(), strnlen(arguments.data(), arguments.size()));
    if (text.starts_with('"'))
        text.remove_prefix(1);
    return std::string(text.substr(0, text.find_first_of("\" ,\n")));
}

std::unique_ptr<agi::CallObserver> CallRecord::make(Store& store, const agi::ObservedCall& call) {
    const auto name = call.busy ? "busy" : call.route.empty() ? "default" : call.route;
    const auto route = store.route_number(name);
    auto& shard = store.shard();
    const std::lock_guard lock(shard.mutex);
    return std::unique_ptr<CallRecord>(::new (shard.calls.allocate(shard))
                                           CallRecord(shard, route, call));
}

CallRecord::CallRecord(Shard& shard, std::uint16_t route, const agi::ObservedCall& call) noexcept
    : MeteredCall(shard, route), environment_(call.environment) {
    const auto before = call.accepted - shard.store->began();
    began_ms_ = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(before).count()
    );
}

void CallRecord::operator delete(CallRecord* record, std::destroying_delete_t) noexcept {
    auto& shard = CallTable::shard_of(record);
    const std::lock_guard lock(shard.mutex);
    record->~CallRecord();
    shard.calls.release(record);
}

void CallRecord::on_audio_closed(const agi::AudioLineCounters& counters) {
    shard().add_audio(counters);
}

void CallRecord::on_error(const agi::CallError& error) {
    const auto id = environment_.unique_id();
    const auto channel = environment_.channel();
    std::string who;
    who.reserve(id.size() + 1 + channel.size());
    who.append(id).append(" ").append(channel);
    shard().store->add_event(to_string(error.kind), error.what, std::move(who));
}

Clock::time_point CallRecord::began() const noexcept {
    // What has passed is right even where the milliseconds have wrapped.
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        Clock::now() - shard().store->began()
    );
    const auto age = static_cast<std::uint32_t>(elapsed.count()) - began_ms_;
    return Clock::now() - std::chrono::milliseconds(age);
}

Waiting CallRecord::waiting() const noexcept {
    const auto [since, whom, commanded, number, arguments] = MeteredCall::waiting();
    const auto index = static_cast<std::uint8_t>(command_index(number));
    return {since, whom, index, commanded, arguments};
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
