// SPDX-License-Identifier: MIT
// Chooses the calls to record, and writes their files.
#include "recording/recorder.hpp"

#include "protocol/ascii.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <spdlog/logger.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

namespace fs = std::filesystem;

/// A router with a handler for the paths to record; null for all paths.
std::unique_ptr<const Router> router_of(const std::string& pattern) {
    if (pattern.empty())
        return nullptr;
    auto router = std::make_unique<Router>();
    try {
        const auto nothing = [](AGI&, const Request&) -> asio::awaitable<void> { co_return; };
        router->register_script_handler(pattern, nothing);
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(std::string("recorded paths: ") + error.what());
    }
    return router;
}

void check(const RecordingOptions& options) {
    if (!(options.fraction >= 0 && options.fraction <= 1))
        throw std::invalid_argument("the fraction of recorded calls must be from 0 to 1");
    const char* const directory = options.directory.c_str();
    int fault = ::access(directory, W_OK | X_OK) == 0 ? 0 : errno;
    std::error_code ignored;
    if (fault == 0 && !fs::is_directory(options.directory, ignored))
        fault = ENOTDIR;
    if (fault != 0) {
        throw std::system_error(
            fault, std::system_category(), "recordings cannot go to \"" + options.directory + '"'
        );
    }
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

/// Makes a peer's text safe as a part of a file name.
std::string file_name(std::string_view text) {
    constexpr std::size_t kMaxBytes = 64;
    std::string name(text.substr(0, kMaxBytes));
    const auto special = [](char c) { return !is_alphanumeric(c) && c != '.' && c != '-'; };
    std::replace_if(name.begin(), name.end(), special, '_');
    return name.empty() ? "unknown" : name;
}

/// Creates a new file that only its owner can read. Returns errno, or 0 on success.
int write_file(const fs::path& file, std::string_view text) {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return errno;
    int fault = 0;
    while (!text.empty() && fault == 0) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            fault = errno;
    }
    if (::close(descriptor) != 0 && fault == 0)
        fault = errno;
    if (fault != 0)
        ::unlink(file.c_str());
    return fault;
}

/// One call that is recorded.
class RecordedCall final : public CallObserver {
public:
    /// `max_audio_bytes`: nullopt if no audio is recorded.
    RecordedCall(
        Recorder& recorder,
        std::unique_ptr<CallRecording> recording,
        std::optional<std::size_t> max_audio_bytes
    )
        : recorder_(recorder), recording_(std::move(recording)), max_audio_(max_audio_bytes) {}

    bool wants_lines() const noexcept override { return true; }
    void on_line(bool sent, std::string_view line) override {
        recording_->add(sent, line, Clock::now());
    }
    bool wants_audio() const noexcept override { return max_audio_.has_value(); }
    void on_audio(const AudioEvent& event) override {
        recording_->add_audio(event, max_audio_.value_or(0), Clock::now());
    }
    void on_disconnect() override {
        recording_->note("asterisk closes the connection", Clock::now());
    }
    void on_end(const EndedCall& end) override {
        if (end.how == CallOutcome::refused)
            return;
        recording_->note("script closes the connection", Clock::now());
        recorder_.save(std::move(recording_));
    }

private:
    using Clock = CallRecording::Time::clock;

    Recorder& recorder_;
    std::unique_ptr<CallRecording> recording_;
    std::optional<std::size_t> max_audio_;
};

}  // namespace

Recorder::Recorder(RecordingOptions options, std::shared_ptr<spdlog::logger> logger)
    : options_(std::move(options)), logger_(std::move(logger)), paths_(router_of(options_.paths)),
      memory_(options_.max_memory_bytes, logger_),
      waiting_(
          options_.max_waiting_bytes,
          logger_,
          "recordings are lost: the disk is too slow for them"
      ) {
    check(options_);
}

Recorder::~Recorder() {
    writer_.join();
}

std::unique_ptr<CallObserver> Recorder::on_call(const ObservedCall& call) {
    auto recording = begin(call.environment, call.request.path);
    if (!recording)
        return nullptr;
    const auto max_audio = options_.audio ? std::optional(options_.max_audio_bytes) : std::nullopt;
    return std::make_unique<RecordedCall>(*this, std::move(recording), max_audio);
}

std::unique_ptr<CallRecording>
Recorder::begin(const Environment& environment, std::string_view path) {
    if (!wanted(path))
        return nullptr;
    auto recording = std::make_unique<CallRecording>(
        name_for(environment.unique_id()),
        "a call, recorded by the server",
        environment,
        options_.max_call_bytes,
        memory_,
        CallRecording::Time::clock::now()
    );
    return recording->cut() ? nullptr : std::move(recording);
}

bool Recorder::wanted(std::string_view path) {
    if (paths_ && !paths_->get_script_handler(path))
        return false;
    const auto nth = static_cast<double>(seen_.fetch_add(1, std::memory_order_relaxed));
    return std::floor((nth + 1) * options_.fraction) > std::floor(nth * options_.fraction);
}

/// Time and unique id help people; process id and count make the name unique.
std::string Recorder::name_for(std::string_view unique_id) {
    return utc_now() + '-' + file_name(unique_id) + '-' + std::to_string(::getpid()) + '-' +
           std::to_string(begun_.fetch_add(1, std::memory_order_relaxed) + 1) + ".agi";
}

void Recorder::save(std::unique_ptr<CallRecording> recording) {
    const auto size = recording->text().size();
    if (!waiting_.take(size))
        return;
    auto job = [this, recording = std::move(recording), size] {
        write(*recording);
        waiting_.release(size);
    };
    try {
        asio::post(writer_, std::move(job));
    } catch (const std::bad_alloc&) {
        waiting_.release(size);
        throw;
    }
}

void Recorder::write(const CallRecording& recording) noexcept {
    try {
        const auto size = recording.text().size();
        if (!has_room_for(size))
            return;
        const auto file = fs::path(options_.directory) / recording.name();
        if (const int fault = write_file(file, recording.text()); fault != 0)
            throw std::system_error(fault, std::system_category(), file.string());
        ++files_;
        bytes_ += size;
        failing_ = false;
    } catch (const std::exception& error) {
        if (!std::exchange(failing_, true))
            logger_->warn("recordings are lost: they cannot be written: {}", error.what());
    }
}

bool Recorder::has_room_for(std::size_t bytes) {
    const auto room = [&] {
        return files_ < options_.max_files && bytes_ + bytes <= options_.max_bytes;
    };
    // Counts the files at first, and again when there seems to be no room: some may be gone.
    if (files_ == 0 || !room())
        count_files();
    if (room()) {
        full_ = false;
        return true;
    }
    if (!std::exchange(full_, true)) {
        logger_->warn(
            "no more calls are recorded: {} has {} recordings of {} bytes",
            options_.directory,
            files_,
            bytes_
        );
    }
    return false;
}

void Recorder::count_files() {
    files_ = bytes_ = 0;
    for (const auto& entry : fs::directory_iterator(options_.directory)) {
        std::error_code gone;  // the file may be removed meanwhile
        if (entry.path().extension() != ".agi")
            continue;
        const auto size = entry.file_size(gone);
        ++files_;
        bytes_ += gone ? 0 : size;
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
