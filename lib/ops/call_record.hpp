// SPDX-License-Identifier: MIT
// One call: what it waits for, since when, and what it adds to the histograms.
#pragma once

#include "ops/store.hpp"

#include <costrix/agi/observer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

using Clock = std::chrono::steady_clock;

/// Whom a call waits for.
enum class WaitsFor : std::uint8_t {
    script,    ///< The handler: Asterisk has nothing to do.
    asterisk,  ///< A command that Asterisk runs, or the caller who answers a prompt.
    nobody,    ///< The call is over, and the handler cleans up.
};

std::string_view to_string(WaitsFor whom) noexcept;

/// What a call waits for at one moment.
struct Waiting {
    Clock::time_point since;
    WaitsFor whom = WaitsFor::script;
    std::uint8_t command = kOther;  ///< The last one sent; the present one if it is with Asterisk.
    bool commanded = false;         ///< Any was sent.
    std::array<char, 16> arguments{};  ///< How its arguments begin; zeros if they are not shown.

    /// Its file or application, of which the end may be missing. Empty for commands whose arguments
    /// may be what a caller has entered.
    std::string object() const;
};

/// A call in the table of its thread's shard. The call's thread writes and never waits for a
/// reader; any thread reads under the shard's lock, which keeps the record alive.
class CallRecord final : public agi::CallObserver {
public:
    /// Enters the table.
    CallRecord(Store& store, const agi::ObservedCall& call);
    ~CallRecord() override;

    void on_command(const agi::SentCommand& command) override;
    void on_finished(const agi::FinishedCommand& command) override;
    void on_hangup(bool before) override;
    void on_audio_closed(const agi::AudioLineCounters& counters) override;
    void on_error(const agi::CallError& error) override;

    // --- any thread, under the shard's lock ---
    const agi::Environment& environment() const noexcept { return environment_; }
    std::uint16_t route() const noexcept;
    Clock::time_point began() const noexcept;
    Waiting waiting() const noexcept;

private:
    using Arguments = std::array<std::uint64_t, 2>;

    void enter();
    /// `passed`: since the event before. Adding up saves reading the clock.
    void write(
        std::chrono::nanoseconds passed,
        std::uint32_t state,
        const Arguments* arguments
    ) noexcept;

    Shard& shard_;
    const agi::Environment& environment_;
    std::uint32_t began_ms_;  // since the Store's beginning: good for 49 days
    Slot slot_ = 0;

    // A sequence lock: the version is odd while the rest is written. All are stored with release
    // and read with acquire, so whoever reads a new value also sees the version before it.
    std::atomic<std::uint32_t> version_{0};
    std::atomic<std::uint32_t> state_;  // command, flags and route
    std::atomic<std::int64_t> since_;
    std::array<std::atomic<std::uint64_t>, 2> arguments_{};
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
