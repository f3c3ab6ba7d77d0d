// SPDX-License-Identifier: MIT
// Many simulated calls on one thread: an epoll set, a heap of timers, a FakeAsterisk for each call.
#pragma once

#include "tool/load/caller.hpp"
#include "tool/load/load_options.hpp"
#include "tool/load/load_recorder.hpp"
#include "tool/load/schedule.hpp"
#include "tool/server_connection.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {

/// Runs a load; one use.
///
/// Every call keeps its own virtual time, which is real time since it began.
class LoadEngine {
public:
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
        std::uint32_t generation = 0;  ///< counts the calls that have used this place
        std::size_t address = 0;       ///< which one it connects to
        bool connecting = false;
        bool mid_line = false;    ///< the last bytes that came ended within a line
        bool understood = false;  ///< Asterisk knows a command of it
        std::uint32_t commands = 0;
        Time due;    ///< when it was to begin
        Time begun;  ///< when virtual time began
        Time turn;   ///< since when it is the script's turn
        Time heard;  ///< when the script was last heard of
        Time timer = Time::max();
        std::optional<testing::FakeAsterisk> asterisk;
    };
    struct Timer {
        Time at;
        std::uint32_t place, generation;
        bool operator<(const Timer& other) const { return at > other.at; }  // earliest on top
    };

    /// Identifies a call in an epoll event.
    std::uint64_t tag(std::uint32_t place) const {
        return std::uint64_t{calls_[place].generation} << 32 | place;
    }

    // When calls begin.
    bool done() const;
    bool may_begin() const;
    Time next_due() const;
    void begin_calls();
    void give_up(std::chrono::nanoseconds until);
    Time begun_until() const;

    // Events and timers.
    void poll();
    void handle(const epoll_event& event);
    void run_timers();

    // Periodic checks.
    void tick();
    void drop_silent_calls();
    void await_signal();

    // One call, from connect to its end.
    void begin(Time due);
    void open(std::uint32_t place);
    void finish_connect(std::uint32_t place);
    void connect_failed(std::uint32_t place, int error);
    void speak_first(std::uint32_t place);
    void read(std::uint32_t place);
    void settle(std::uint32_t place, std::optional<Time> turn);
    bool send(Call& call, std::string_view bytes) const;
    void end(std::uint32_t place);
    void fail(std::uint32_t place, const std::string& kind);
    void release(std::uint32_t place);

    const LoadOptions& options_;
    const std::function<void(const LoadProgress&)>& progress_;
    std::vector<Address> addresses_;
    Callers callers_;
    std::optional<Schedule> schedule_;
    asio::io_context signal_context_;
    asio::signal_set signals_;
    int epoll_;
    std::vector<Call> calls_;
    std::vector<std::uint32_t> free_;
    std::size_t at_once_ = 0;
    std::priority_queue<Timer> timers_;
    Time started_ = Clock::now();
    Time now_ = started_;
    Time last_begun_ = started_;
    Time last_ended_ = started_;
    Time not_before_ = started_;  ///< for calls without a schedule
    Time next_tick_ = started_;
    Time last_full_ = Time::min();
    bool full_ = false;       ///< a call is due and has no place
    bool behind_ = false;     ///< more calls are due than begin in one go
    bool connected_ = false;  ///< once, at least
    std::size_t address_ = 0;
    bool stopping_ = false;  ///< no more calls begin
    std::set<std::string> unheard_;
    bool aborted_ = false;
    Recorder recorder_;
    std::array<char, 65536> buffer_;
};

}  // namespace costrix::tool
