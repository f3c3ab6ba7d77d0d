// SPDX-License-Identifier: MIT
// Chooses the calls to record, and writes their files.
#pragma once

#include "recording/call_recording.hpp"
#include "recording/recording_budget.hpp"

#include <costrix/agi/observer.hpp>
#include <costrix/agi/recording.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/asio.hpp>

#include <spdlog/fwd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Records the calls of one server. Thread safety: any thread may call any function.
class Recorder final : public Observer {
public:
    /// Throws: std::invalid_argument for an invalid option. std::system_error when the directory
    /// does not exist or is not writable.
    Recorder(RecordingOptions options, std::shared_ptr<spdlog::logger> logger);
    /// Blocks until the remaining files are written.
    ~Recorder() override;

    /// Begins to record a call, unless it is not one to record.
    std::unique_ptr<CallObserver> on_call(const ObservedCall& call) override;
    /// The same; null when this call is not recorded.
    std::unique_ptr<CallRecording> begin(const Environment& environment, std::string_view path);
    /// Queues a recording to be written, and returns at once.
    void save(std::unique_ptr<CallRecording> recording);

private:
    bool wanted(std::string_view path);
    std::string name_for(std::string_view unique_id);
    void write(const CallRecording& recording) noexcept;
    bool has_room_for(std::size_t bytes);
    void count_files();

    RecordingOptions options_;
    std::shared_ptr<spdlog::logger> logger_;
    std::unique_ptr<const Router> paths_;  // null: all paths
    RecordingBudget memory_;               // of all recordings
    RecordingBudget waiting_;              // of those that have ended
    std::atomic<std::uint64_t> seen_ = 0;
    std::atomic<std::uint64_t> begun_ = 0;
    // For the writer's thread alone: what the directory contains, and which state was logged.
    std::uintmax_t files_ = 0, bytes_ = 0;
    bool full_ = false, failing_ = false;
    asio::thread_pool writer_{1};
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
