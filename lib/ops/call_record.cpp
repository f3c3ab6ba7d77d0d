// SPDX-License-Identifier: MIT
// What each event of a call changes in its record and in the histograms.
#include "ops/call_record.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

// The bits of a state.
constexpr std::uint32_t kCommandBits = 0xff;
constexpr std::uint32_t kWhomShift = 8, kWhomBits = 3U << kWhomShift;
constexpr std::uint32_t kCommanded = 1U << 10, kHungUp = 1U << 11;
constexpr std::uint32_t kRouteShift = 16;

constexpr std::uint32_t with(std::uint32_t state, WaitsFor whom) noexcept {
    return (state & ~kWhomBits) | static_cast<std::uint32_t>(whom) << kWhomShift;
}

/// The commands whose first argument is a file or an application.
constexpr auto kShows = [] {
    std::array<bool, kCommands> all{};
    for (const auto* name :
         {"CONTROL STREAM FILE", "EXEC", "GET DATA", "GET OPTION", "RECORD FILE", "STREAM FILE"}) {
        for (std::size_t i = 0; i < agi::kCommandTable.size(); ++i)
            all[i] = all[i] || agi::kCommandTable[i].name == name;
    }
    return all;
}();

/// The beginning of a command's arguments; zeros if they are not shown. Whoever reads them cuts out
/// the object: every command is stored, and few are read.
std::array<std::uint64_t, 2> arguments_of(std::size_t command, std::string_view line) noexcept {
    std::array<std::uint64_t, 2> bytes{};
    if (!kShows[command])
        return bytes;
    const auto begin = agi::kCommandTable[command].name.size() + 1;
    if (line.size() >= begin + sizeof bytes)
        std::memcpy(bytes.data(), line.data() + begin, sizeof bytes);
    else if (line.size() > begin)
        std::memcpy(bytes.data(), line.data() + begin, line.size() - begin);
    return bytes;
}

}  // namespace

std::string_view to_string(WaitsFor whom) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"script", "asterisk", "nobody"};
    return kNames[static_cast<std::size_t>(whom)];
}

std::string Waiting::object() const {
    std::string_view text(arguments.data(), strnlen(arguments.data(), arguments.size()));
    if (text.starts_with('"'))
        text.remove_prefix(1);
    return std::string(text.substr(0, text.find_first_of("\" ,")));
}

CallRecord::CallRecord(Store& store, const agi::ObservedCall& call)
    : shard_(store.shard()), environment_(call.environment),
      began_ms_(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(call.accepted - store.began())
              .count()
      )),
      state_(
          static_cast<std::uint32_t>(store.route_number(
              call.busy            ? "busy"
              : call.route.empty() ? "default"
                                   : call.route
          )) << kRouteShift |
          kOther
      ),
      since_(Clock::now().time_since_epoch().count()) {
    enter();
}

CallRecord::~CallRecord() {
    const std::lock_guard lock(shard_.mutex);
    shard_.calls[slot_] = nullptr;
    shard_.free.push_back(slot_);
}

void CallRecord::enter() {
    const std::lock_guard lock(shard_.mutex);
    if (shard_.free.empty()) {
        auto& calls = shard_.calls;
        if (calls.size() == calls.capacity())
            calls.reserve(std::max<std::size_t>(64, calls.size() * 2));
        shard_.free.reserve(calls.capacity());  // so that leaving allocates nothing
        slot_ = static_cast<Slot>(calls.size());
        calls.push_back(this);
        return;
    }
    slot_ = shard_.free.back();
    shard_.free.pop_back();
    shard_.calls[slot_] = this;
}

void CallRecord::write(
    std::chrono::nanoseconds passed,
    std::uint32_t state,
    const Arguments* arguments
) noexcept {
    const auto version = version_.load(std::memory_order_relaxed);
    const auto since = since_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_release);
    since_.store(since + passed.count(), std::memory_order_release);
    state_.store(state, std::memory_order_release);
    if (arguments) {
        arguments_[0].store((*arguments)[0], std::memory_order_release);
        arguments_[1].store((*arguments)[1], std::memory_order_release);
    }
    version_.store(version + 2, std::memory_order_release);
}

void CallRecord::on_command(const agi::SentCommand& command) {
    const auto state = state_.load(std::memory_order_relaxed);
    if (!(state & kHungUp)) {
        const auto bucket = bucket_of<kTurnAroundBounds>(command.turn_around);
        shard_.routes[state >> kRouteShift].add(bucket, command.turn_around);
    }
    const auto index = command_index(command.number);
    const auto arguments = arguments_of(index, command.line);
    const auto next =
        (with(state, WaitsFor::asterisk) & ~kCommandBits) | static_cast<std::uint32_t>(index);
    write(command.turn_around, next | kCommanded, &arguments);
}

void CallRecord::on_finished(const agi::FinishedCommand& command) {
    const auto state = state_.load(std::memory_order_relaxed);
    const auto bucket = bucket_of<kCommandBounds>(command.took);
    shard_.commands[state & kCommandBits].add(bucket, command.took);
    const auto whom = state & kHungUp ? WaitsFor::nobody : WaitsFor::script;
    write(command.took, with(state, whom), nullptr);
}

void CallRecord::on_hangup(bool) {
    const auto state = state_.load(std::memory_order_relaxed);
    const bool running = (state & kWhomBits) == (1U << kWhomShift);
    const auto next = running ? state : with(state, WaitsFor::nobody);
    write({}, next | kHungUp, nullptr);
}

void CallRecord::on_audio_closed(const agi::AudioLineCounters& counters) {
    shard_.late_frames.fetch_add(counters.skipped_messages, std::memory_order_relaxed);
    shard_.lost_samples.fetch_add(counters.lost_samples, std::memory_order_relaxed);
}

void CallRecord::on_error(const agi::CallError& error) {
    const auto id = environment_.unique_id();
    const auto channel = environment_.channel();
    std::string who;
    who.reserve(id.size() + 1 + channel.size());
    who.append(id).append(" ").append(channel);
    shard_.store->add_event(to_string(error.kind), error.what, std::move(who));
}

std::uint16_t CallRecord::route() const noexcept {
    return static_cast<std::uint16_t>(state_.load(std::memory_order_relaxed) >> kRouteShift);
}

Clock::time_point CallRecord::began() const noexcept {
    // What has passed is right even where the milliseconds have wrapped.
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - shard_.store->began());
    const auto age = static_cast<std::uint32_t>(elapsed.count()) - began_ms_;
    return Clock::now() - std::chrono::milliseconds(age);
}

Waiting CallRecord::waiting() const noexcept {
    for (;;) {
        const auto before = version_.load(std::memory_order_acquire);
        const auto since = since_.load(std::memory_order_acquire);
        const auto state = state_.load(std::memory_order_acquire);
        const Arguments arguments{
            arguments_[0].load(std::memory_order_acquire),
            arguments_[1].load(std::memory_order_acquire)};
        if (before % 2 != 0 || version_.load(std::memory_order_relaxed) != before)
            continue;
        return {
            Clock::time_point(Clock::duration(since)),
            static_cast<WaitsFor>((state & kWhomBits) >> kWhomShift),
            static_cast<std::uint8_t>(state & kCommandBits),
            (state & kCommanded) != 0,
            std::bit_cast<std::array<char, 16>>(arguments)};
    }
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
