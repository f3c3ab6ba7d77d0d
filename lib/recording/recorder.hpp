// SPDX-License-Identifier: MIT
// Decides which calls are recorded, and writes their files.
#pragma once

#include "recording/call_recording.hpp"
#include "recording/recording_budget.hpp"

#include <costrix/agi/recording.hpp>
#include <costrix/agi/router.hpp>

#include <asio/thread_pool.hpp>
#include <spdlog/fwd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// One for a server. Thread safety: all functions may be called from any thread.
class Recorder {
public:
    /// Throws std::invalid_argument for a wrong option, std::system_error for a directory that is
    /// none or cannot be written to.
    Recorder(RecordingOptions options, std::shared_ptr<spdlog::logger> logger);
    /// Writes what is left to write.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Begins the recording of a call; null when it is not to be recorded.
    std::unique_ptr<CallRecording> begin(const Environment& environment, std::string_view path);
    /// Has a recording written, and does not wait for it.
    void save(std::unique_ptr<CallRecording> recording);

private:
    bool wanted(std::string_view path);
    std::string name_for(std::string_view unique_id);
    void write(const CallRecording& recording) noexcept;
    bool has_room_for(std::size_t bytes);
    void count_files();

    RecordingOptions options_;
    std::shared_ptr<spdlog::logger> logger_;
    std::unique_ptr<const Router> paths_;  // null for all
    RecordingBudget budget_;
    std::atomic<std::uint64_t> seen_ = 0;
    std::atomic<std::uint64_t> begun_ = 0;
    std::atomic<std::size_t> waiting_ = 0;  // bytes
    std::atomic<bool> behind_ = false;      // recordings are lost at the moment; that was logged
    // The writer's own: what is in the directory, and what was logged and is so still.
    std::uintmax_t files_ = 0, bytes_ = 0;
    bool full_ = false, failing_ = false;
    asio::thread_pool writer_{1};
};

}  // namespace costrix::agi::detail
