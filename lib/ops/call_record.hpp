// SPDX-License-Identifier: MIT
// One call: what it waits for, since when, and what it adds to the histograms.
#pragma once

#include "ops/store.hpp"

#include <costrix/agi/detail/metered_call.hpp>
#include <costrix/agi/observer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

using Clock = std::chrono::steady_clock;

using agi::detail::WaitsFor;

std::string_view to_string(WaitsFor whom) noexcept;

/// What a call waits for at one moment.
struct Waiting {
    Clock::time_point since;
    WaitsFor whom = WaitsFor::script;
    std::uint8_t command = kOther;  ///< The last one sent; the present one if it is with Asterisk.
    bool commanded = false;         ///< Any was sent.
    agi::detail::ArgumentBytes
        arguments{};  ///< How its arguments begin; zeros if they are not shown.

    /// Its file or application, of which the end may be missing. Empty for commands whose arguments
    /// may be what a caller has entered.
    std::string object() const;
};

/// A call in the table of its thread's shard, whose lock keeps the record alive for readers.
class CallRecord final : public agi::detail::MeteredCall {
public:
    /// Enters the calling thread's table.
    static std::unique_ptr<agi::CallObserver> make(Store& store, const agi::ObservedCall& call);
    /// Leaves it.
    static void operator delete(CallRecord* record, std::destroying_delete_t) noexcept;

    void on_audio_closed(const agi::AudioLineCounters& counters) override;
    void on_error(const agi::CallError& error) override;

    // --- any thread, under the shard's lock ---
    const agi::Environment& environment() const noexcept { return environment_; }
    Clock::time_point began() const noexcept;
    Waiting waiting() const noexcept;

private:
    CallRecord(Shard& shard, std::uint16_t route, const agi::ObservedCall& call) noexcept;
    Shard& shard() const noexcept { return static_cast<Shard&>(histograms()); }

    const agi::Environment& environment_;
};
static_assert(
    sizeof(void*) > 8 || sizeof(CallRecord) <= 56,
    "a call may take 64 bytes, its share of a block included"
);

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
