// SPDX-License-Identifier: MIT
// Many simulated calls on one thread: a poll set, a heap of timers, a FakeAsterisk for each call.
#pragma once

#include "platform/poll_set.hpp"
#include "tool/load/call_pacer.hpp"
#include "tool/load/caller.hpp"
#include "tool/load/load_audio.hpp"
#include "tool/load/load_options.hpp"
#include "tool/load/load_recorder.hpp"
#include "tool/load/server_addresses.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

namespace costrix::tool {

/// Runs a load once.
///
/// The virtual time of each call is the real time since it began.
class LoadEngine {
public:
    using PollSet = agi::detail::PollSet;
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    LoadEngine(
        const LoadOptions& options,
        const std::function<void(const LoadProgress&)>& progress
    );
    ~LoadEngine();
    LoadEngine(const LoadEngine&) = delete;
    LoadEngine& operator=(const LoadEngine&) = delete;

    LoadResult run();

private:
    struct Call {
        int socket = -1;
        std::uint32_t generation = 0;  ///< counts the calls in this slot
        std::size_t address = 0;       ///< index of the one it connects to
        bool connecting = false;
        bool mid_line = false;    ///< the last bytes read ended within a line
        bool understood = false;  ///< Asterisk knows one of its commands
        std::uint32_t commands = 0;
        Time due;    ///< when it should have begun
        Time begun;  ///< when virtual time began
        Time turn;   ///< when the script's turn began
        Time heard;  ///< when the script was last active
        Time timer = Time::max();
        std::optional<testing::FakeAsterisk> asterisk;
    };
    struct Timer {
        Time at;
        std::uint32_t slot, generation;
        bool operator<(const Timer& other) const { return at > other.at; }  // earliest on top
    };

    /// Identifies a call in the poll set.
    std::uint64_t tag(std::uint32_t slot) const {
        return std::uint64_t{calls_[slot].generation} << 32 | slot;
    }

    // Events and timers.
    void poll();
    void handle(std::uint64_t tag);
    void handle_audio(std::uint64_t tag);
    void run_timers();

    // Periodic checks.
    void tick();
    void drop_silent_calls();
    void await_signal();

    // One call, from connect to its end.
    void begin(Time due);
    void open(std::uint32_t slot);
    void finish_connect(std::uint32_t slot);
    void connect_failed(std::uint32_t slot, int error);
    void speak_first(std::uint32_t slot);
    void read(std::uint32_t slot);
    void settle(std::uint32_t slot, std::optional<Time> turn);
    void end(std::uint32_t slot);
    void fail(std::uint32_t slot, const std::string& kind);
    void release(std::uint32_t slot);
    void close_socket(Call& call);

    const LoadOptions& options_;
    const std::function<void(const LoadProgress&)>& progress_;
    ServerAddresses addresses_;
    Callers callers_;
    asio::io_context signal_context_;
    asio::signal_set signals_;
    PollSet poll_set_;
    std::vector<Call> calls_;
    std::vector<std::uint32_t> free_slots_;
    std::priority_queue<Timer> timers_;
    Time started_ = Clock::now();
    Time now_ = started_;
    Time next_tick_ = started_;
    bool aborted_ = false;
    Recorder recorder_{started_};
    LoadAudio audio_{poll_set_, recorder_};
    CallPacer pacer_;
    std::set<std::string> unheard_;  ///< prompts of the options that no call has begun
    std::array<char, 65536> buffer_;
};

}  // namespace costrix::tool
