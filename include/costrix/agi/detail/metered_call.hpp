// SPDX-License-Identifier: MIT
// An observer that measures a call where it is: what costrix::ops keeps of one.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/histogram.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/protocol/command_table.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What the calls of one thread count.
struct CommandHistograms {
    static constexpr std::size_t kRoutes = 64;

    /// By CommandTraits::number; the last one stays empty, of calls without a command.
    Histograms<kCommandBounds, kCommandTable.size() + 2> commands;
    Histograms<kTurnAroundBounds, kRoutes + 1> routes;  ///< The last one: after hangups.
};

/// Whom a call waits for.
enum class WaitsFor : std::uint8_t {
    script,    ///< The handler: Asterisk has nothing to do.
    asterisk,  ///< A command that Asterisk runs, or the caller who answers a prompt.
    nobody,    ///< The call is over, and the handler cleans up.
};

/// How the arguments of a command begin.
using ArgumentBytes = std::array<char, 16>;

/// Where the arguments of a command begin that are a file or an application, by its number; 0 for
/// the others, whose arguments may be what a caller has entered.
inline constexpr auto kShownArguments = [] {
    std::array<std::uint8_t, kCommandTable.size() + 1> all{};
    for (const std::string_view name :
         {"CONTROL STREAM FILE", "EXEC", "GET DATA", "GET OPTION", "RECORD FILE", "STREAM FILE"}) {
        for (std::size_t i = 0; i < kCommandTable.size(); ++i) {
            if (kCommandTable[i].name == name)
                all[i + 1] = static_cast<std::uint8_t>(name.size() + 1);
        }
    }
    return all;
}();
/// A bit for each number whose arguments are shown.
inline constexpr auto kShownNumbers = [] {
    std::uint64_t bits = 0;
    for (std::size_t number = 0; number < kShownArguments.size(); ++number)
        bits |= std::uint64_t{kShownArguments[number] != 0} << number;
    return bits;
}();

/// A call's measures: its histograms, and what it waits for. A session that finds one calls sent()
/// and finished() directly, without what an event carries for other observers.
///
/// The call's thread writes, and never waits for a reader; any thread reads.
class MeteredCall : public CallObserver {
public:
    /// What the call waits for at one moment.
    struct WaitState {
        std::chrono::steady_clock::time_point since;
        WaitsFor whom;
        bool commanded;           ///< A command was sent.
        std::uint8_t number;      ///< Of the last command; the present one if it is with Asterisk.
        ArgumentBytes arguments;  ///< Of that command; zeros if they are not shown.
    };

    /// `route`: the number of its histogram.
    MeteredCall(CommandHistograms& histograms, std::size_t route) noexcept
        : route_(static_cast<std::uint8_t>(route)), counts_as_(route_) {
        meter_ = &histograms;
        since_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
    }

    /// The observer if it is one; null otherwise.
    static MeteredCall* from(CallObserver& observer) noexcept {
        return observer.meter_ ? static_cast<MeteredCall*>(&observer) : nullptr;
    }
    /// The next event of any observer is at `now`. How long it has waited for that.
    static std::chrono::nanoseconds
    pass(CallObserver& observer, std::chrono::steady_clock::time_point now) noexcept {
        const auto passed = now - observer.since_.load(std::memory_order_relaxed);
        observer.since_.store(now, std::memory_order_relaxed);
        return passed;
    }

    void on_command(const SentCommand& command) final {
        since_.store(command.time, std::memory_order_relaxed);
        sent(command.number, command.line, command.turn_around);
    }
    void on_finished(const FinishedCommand& command) final {
        since_.store(command.time, std::memory_order_relaxed);
        finished(command.took);
    }
    void on_hangup(bool) final {
        const unsigned state = state_.load(std::memory_order_relaxed);
        state_.store(static_cast<std::uint8_t>(state | kHungUp), std::memory_order_release);
        counts_as_ = CommandHistograms::kRoutes;
    }

    /// `line` may end with LF. The time of the event is stored already.
    template <class Line>
    void sent(std::size_t number, const Line& line, std::chrono::nanoseconds turn_around) noexcept {
        const std::uint8_t state = state_.load(std::memory_order_relaxed);
        meter_->routes.add(counts_as_, turn_around);
        if (kShownNumbers >> number & 1U)
            return store_with_arguments(number, line);
        number_.store(static_cast<std::uint8_t>(number), std::memory_order_release);
        state_.store(static_cast<std::uint8_t>(state + kRuns), std::memory_order_release);
    }
    /// The same when that command has ended.
    void finished(std::chrono::nanoseconds took) noexcept {
        const std::uint8_t state = state_.load(std::memory_order_relaxed);
        meter_->commands.add(number_.load(std::memory_order_relaxed), took);
        state_.store(static_cast<std::uint8_t>(state + kRuns), std::memory_order_release);
    }

    // --- any thread ---
    std::size_t route() const noexcept { return route_; }
    WaitState waiting() const noexcept {
        for (;;) {
            const std::uint8_t state = state_.load(std::memory_order_acquire);
            const auto since = since_.load(std::memory_order_acquire);
            const std::uint8_t number = number_.load(std::memory_order_acquire);
            const Arguments arguments{
                arguments_[0].load(std::memory_order_acquire),
                arguments_[1].load(std::memory_order_acquire)};
            if ((state & kWriting) || state_.load(std::memory_order_relaxed) != state ||
                since_.load(std::memory_order_relaxed) != since)
                continue;
            const bool commanded = number != kNone;
            const std::uint8_t known = commanded ? number : std::uint8_t{0};
            return {
                since,
                whom_of(state),
                commanded,
                known,
                kShownArguments[known] ? std::bit_cast<ArgumentBytes>(arguments) : ArgumentBytes{}};
        }
    }

protected:
    CommandHistograms& histograms() const noexcept { return *meter_; }

private:
    using Arguments = std::array<std::uint64_t, 2>;

    // A state: flags, and above them a number that counts the commands. It is a sequence lock: a
    // reader that finds it and the time unchanged has read what belongs together. (The time and the
    // command may be those of an event whose state is stored next.) kRuns is the lowest bit of that
    // number: adding it when a command is sent sets it; when that has ended, clears it and counts.
    static constexpr unsigned kHungUp = 1, kWriting = 2;
    static constexpr unsigned kRuns = 4;  ///< A command is with Asterisk.
    static constexpr std::uint8_t kNone = kCommandTable.size() + 1;  ///< No command was sent.

    static constexpr WaitsFor whom_of(std::uint8_t state) noexcept {
        if (state & kRuns)
            return WaitsFor::asterisk;
        return state & kHungUp ? WaitsFor::nobody : WaitsFor::script;
    }

    static Arguments first_bytes(std::string_view text) noexcept {
        constexpr std::size_t kHalf = sizeof(std::uint64_t);
        Arguments bytes{};
        if (text.size() >= sizeof bytes) {
            std::memcpy(bytes.data(), text.data(), sizeof bytes);
        } else if constexpr (std::endian::native != std::endian::little) {
            std::memcpy(bytes.data(), text.data(), text.size());
        } else if (text.size() > kHalf) {
            std::memcpy(&bytes[0], text.data(), kHalf);
            std::memcpy(&bytes[1], text.data() + text.size() - kHalf, kHalf);
            bytes[1] >>= 8 * (sizeof bytes - text.size());  // what the first half has
        } else {
            for (std::size_t i = text.size(); i > 0; --i)
                bytes[0] = bytes[0] << 8 | static_cast<std::uint8_t>(text[i - 1]);
        }
        return bytes;
    }
    /// A function of its own, so that other commands need no registers for it. Whoever reads the
    /// arguments cuts out the object: every command is stored, and few are read.
    [[gnu::noinline]] void
    store_with_arguments(std::size_t number, std::string_view line) noexcept {
        line.remove_prefix(std::min<std::size_t>(kShownArguments[number], line.size()));
        const auto [first, second] = first_bytes(line);
        const unsigned state = state_.load(std::memory_order_relaxed);
        state_.store(static_cast<std::uint8_t>(state | kWriting), std::memory_order_relaxed);
        arguments_[0].store(first, std::memory_order_release);
        arguments_[1].store(second, std::memory_order_release);
        number_.store(static_cast<std::uint8_t>(number), std::memory_order_release);
        state_.store(static_cast<std::uint8_t>(state + kRuns), std::memory_order_release);
    }

    std::atomic<std::uint8_t> state_{0};
    std::atomic<std::uint8_t> number_{kNone};  // of the last command
    const std::uint8_t route_;
    std::uint8_t counts_as_;  // the route, until the hangup: then nobody waits for the script

protected:
    std::uint32_t began_ms_ = 0;  ///< For who derives from this; here, it takes no memory.

private:
    std::array<std::atomic<std::uint64_t>, 2> arguments_{};
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
