// SPDX-License-Identifier: MIT
// Applications on what is heard, and what they leave in variables.
#include "applications/run_application.hpp"
#include "protocol/ascii.hpp"

#include <costrix/agi/applications/media.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::ApplicationCall;
using Names = std::vector<std::string>;

constexpr std::size_t kMaxPairs = 23;  // one less than MSet knows, which it would not unescape

constexpr std::array<std::pair<std::string_view, ReadResult::Status>, 6> kReadStatuses{{
    {"OK", ReadResult::Status::ok},
    {"ERROR", ReadResult::Status::error},
    {"HANGUP", ReadResult::Status::hangup},
    {"INTERRUPTED", ReadResult::Status::interrupted},
    {"SKIPPED", ReadResult::Status::skipped},
    {"TIMEOUT", ReadResult::Status::timeout},
}};

constexpr std::array<std::pair<std::string_view, RecordResult::Status>, 6> kRecordStatuses{{
    {"DTMF", RecordResult::Status::key},
    {"SILENCE", RecordResult::Status::silence},
    {"SKIP", RecordResult::Status::skipped},
    {"TIMEOUT", RecordResult::Status::timeout},
    {"HANGUP", RecordResult::Status::hangup},
    {"ERROR", RecordResult::Status::error},
}};

constexpr std::array<std::pair<std::string_view, AmdResult::Status>, 4> kAmdStatuses{{
    {"HUMAN", AmdResult::Status::human},
    {"MACHINE", AmdResult::Status::machine},
    {"NOTSURE", AmdResult::Status::not_sure},
    {"HANGUP", AmdResult::Status::hangup},
}};

std::string checked_count(const char* what, int count, int max) {
    if (count < 1 || count > max)
        throw std::invalid_argument(
            std::string(what) + " is " + std::to_string(count) + ", but must be from 1 to " +
            std::to_string(max)
        );
    return std::to_string(count);
}

std::chrono::milliseconds checked_time(const char* what, std::chrono::milliseconds time) {
    if (time < std::chrono::milliseconds(1) || time > std::chrono::hours(24))
        throw std::invalid_argument(
            std::string(what) + " is " + std::to_string(time.count()) +
            " ms, but must be from 1 ms to 86,400,000 ms"
        );
    return time;
}

asio::awaitable<bool> play(AGI& call, ApplicationCall application) {
    Names names{"PLAYBACKSTATUS"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return values[0] == "SUCCESS";
}

asio::awaitable<BackGroundResult> play_background(AGI& call, ApplicationCall application) {
    const auto result = co_await call.execute(application);
    Names names{"BACKGROUNDSTATUS"};
    const auto values = co_await detail::read_variables(call, std::move(names));
    co_return BackGroundResult{values[0] == "SUCCESS", result.key()};
}

asio::awaitable<ReadResult> read(AGI& call, ApplicationCall application) {
    Names names{"READSTATUS", "COSTRIX_READ"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    const auto error = ReadResult::Status::error;
    co_return ReadResult{detail::value_of(kReadStatuses, values[0], error), values[1]};
}

asio::awaitable<RecordResult> record_caller(AGI& call, ApplicationCall application) {
    Names names{"RECORD_STATUS", "RECORDED_FILE"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    const auto error = RecordResult::Status::error;
    co_return RecordResult{detail::value_of(kRecordStatuses, values[0], error), values[1]};
}

asio::awaitable<MixMonitored> monitor(AGI& call, ApplicationCall application) {
    Names names{"MIXMONITOR_FILENAME", "COSTRIX_MIXMONITOR"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return MixMonitored{values[0], values[1]};
}

asio::awaitable<AmdResult> detect(AGI& call, ApplicationCall application) {
    Names names{"AMDSTATUS", "AMDCAUSE"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    const auto unknown = AmdResult::Status::not_sure;
    co_return AmdResult{detail::value_of(kAmdStatuses, values[0], unknown), values[1]};
}

}  // namespace

asio::awaitable<bool> Playback::run(AGI& call) const {
    ApplicationCall application("Playback");
    application.argument(detail::joined(files_)).last_argument(option_);
    return play(call, std::move(application));
}

asio::awaitable<BackGroundResult> BackGround::run(AGI& call) const {
    ApplicationCall application("BackGround");
    application.argument(detail::joined(files_)).argument(options_.text()).argument(language_);
    return play_background(call, std::move(application));
}

Read& Read::max_digits(int count) {
    max_digits_ = checked_count("Read::max_digits", count, 255);
    return *this;
}

Read& Read::attempts(int count) {
    attempts_ = checked_count("Read::attempts", count, 1000);
    return *this;
}

Read& Read::timeout(std::chrono::milliseconds time) {
    timeout_ = detail::in_seconds(checked_time("Read::timeout", time));
    return *this;
}

asio::awaitable<ReadResult> Read::run(AGI& call) const {
    ApplicationCall application("Read");
    application.argument("COSTRIX_READ").argument(detail::joined(files_)).argument(max_digits_);
    application.argument(options_.text()).argument(attempts_).last_argument(timeout_);
    return read(call, std::move(application));
}

Record& Record::silence(std::chrono::seconds time) {
    silence_ = detail::whole_seconds("Record::silence", time);
    return *this;
}

Record& Record::longest(std::chrono::seconds time) {
    longest_ = detail::whole_seconds("Record::longest", time);
    return *this;
}

asio::awaitable<RecordResult> Record::run(AGI& call) const {
    ApplicationCall application("Record");
    application.argument(file_).argument(silence_).argument(longest_);
    application.last_argument(options_.text());
    return record_caller(call, std::move(application));
}

asio::awaitable<MixMonitored> MixMonitor::run(AGI& call) const {
    auto options = options_;
    options.set('i', "COSTRIX_MIXMONITOR");
    ApplicationCall application("MixMonitor");
    application.argument(file_).argument(options.text()).last_argument(command_);
    return monitor(call, std::move(application));
}

asio::awaitable<void> StopMixMonitor::run(AGI& call) const {
    ApplicationCall application("StopMixMonitor");
    application.argument(id_);
    return detail::run_application(call, std::move(application));
}

AMD& AMD::set(std::size_t index, std::chrono::milliseconds time) {
    times_[index] = detail::in_milliseconds(checked_time("AMD", time));
    return *this;
}

asio::awaitable<AmdResult> AMD::run(AGI& call) const {
    ApplicationCall application("AMD");
    for (const auto& time : times_)
        application.argument(time);
    return detect(call, std::move(application));
}

SendDTMF& SendDTMF::gap(std::chrono::milliseconds time) {
    gap_ = detail::in_milliseconds(checked_time("SendDTMF::gap", time));
    return *this;
}

SendDTMF& SendDTMF::length(std::chrono::milliseconds time) {
    length_ = detail::in_milliseconds(checked_time("SendDTMF::length", time));
    return *this;
}

asio::awaitable<void> SendDTMF::run(AGI& call) const {
    ApplicationCall application("SendDTMF");
    application.argument(keys_).argument(gap_).argument(length_).argument(channel_);
    return detail::run_application(call, std::move(application));
}

asio::awaitable<void> Wait::run(AGI& call) const {
    ApplicationCall application("Wait");
    application.last_argument(detail::in_seconds(checked_time("Wait", time_)));
    return detail::run_application(call, std::move(application));
}

SetVariables& SetVariables::set(std::string name, std::string value) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return detail::is_alphanumeric(c) || c == '_';
    });
    if (!plain)
        throw std::invalid_argument(
            "SetVariables: the name \"" + name + "\" is not made of letters, digits and _ alone"
        );
    pairs_.push_back(std::move(name) + "=" + value);
    return *this;
}

asio::awaitable<void> SetVariables::run(AGI& call) const {
    if (pairs_.empty() || pairs_.size() > kMaxPairs)
        throw std::invalid_argument("SetVariables: from 1 to 23 variables at a time");
    ApplicationCall application("MSet");
    for (const auto& pair : pairs_)
        application.argument(pair);
    return detail::run_application(call, std::move(application));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
