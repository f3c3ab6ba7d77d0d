// SPDX-License-Identifier: MIT
// Asterisk's end of a recorded audio line, played to a server in real time.
#include "tool/recording/audio_replay.hpp"

#include "platform/sockets.hpp"

#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <array>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

namespace costrix::tool {

using namespace std::chrono_literals;
using testing::detail::AudioAddress;
using testing::detail::AudioDifference;
using testing::detail::AudioLeg;
using testing::detail::RecordedAudio;
using testing::detail::ReplayedAudio;

namespace {

constexpr auto kAsTuple = costrix::as_tuple(asio::use_awaitable);

}  // namespace

/// Runs on a thread of its own, since the AGI session blocks.
class AudioReplay::Line {
public:
    /// `talk`: its first message shows where its clock stands; of a tap, it does not.
    Line(std::shared_ptr<const RecordedAudio> recorded, AudioAddress address, bool talk)
        : replayed_(std::move(recorded)), address_(std::move(address)), talk_(talk) {
        ended_ = over_.get_future();
        thread_ = std::thread([this] { run(); });
    }
    ~Line() { stop(); }

    void stop() {
        asio::post(context_, [this] { close(); });
        if (thread_.joinable())
            thread_.join();
    }
    bool wait(std::chrono::nanoseconds time) {
        return ended_.wait_for(time) == std::future_status::ready;
    }
    const ReplayedAudio& replayed() const noexcept { return replayed_; }
    /// After stop(): why there was no connection; empty if there was one.
    const std::string& trouble() const noexcept { return trouble_; }

private:
    using Clock = std::chrono::steady_clock;

    void run() {
        asio::co_spawn(context_, connect(), [this](std::exception_ptr error) {
            if (error)
                over();
        });
        context_.run();
        over();
    }
    void over() {
        if (!std::exchange(told_, true))
            over_.set_value();
    }
    void close() {
        error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
        closed_ = true;
    }

    asio::awaitable<void> connect() {
        asio::ip::tcp::resolver resolver(context_);
        const auto service = std::to_string(address_.port);
        auto [error, found] = co_await resolver.async_resolve(address_.host, service, kAsTuple);
        if (closed_)
            co_return;
        for (const auto& entry : found) {
            error_code ignored;
            socket_.close(ignored);
            agi::detail::open_socket(socket_, entry.endpoint().protocol());
            std::tie(error) = co_await socket_.async_connect(entry.endpoint(), kAsTuple);
            if (!error || closed_)
                break;
        }
        if (error) {
            trouble_ = "audio cannot be connected to " + address_.where() + ": " + error.message();
            co_return;
        }
        error_code ignored;
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        agi::append_uuid(output_, address_.uuid);
        begun_ = Clock::now();
        begin_at(begun_ - 10ms);
        asio::co_spawn(context_, listen(), asio::detached);
        asio::co_spawn(context_, speak(), asio::detached);
    }

    void begin_at(Clock::time_point origin) {
        replayed_.begin(std::chrono::nanoseconds(origin - begun_));
    }

    /// Until the recording ends the line.
    asio::awaitable<void> speak() {
        bool goes_on = true;
        while (!closed_) {
            if (!output_.empty()) {
                const auto bytes = std::exchange(output_, {});
                const auto buffer = asio::buffer(bytes);
                co_await asio::async_write(socket_, buffer, kAsTuple);
            }
            const auto due = replayed_.next_due();
            if (!goes_on || !due)
                break;
            timer_.expires_at(begun_ + std::chrono::ceil<Clock::duration>(*due));
            co_await timer_.async_wait(kAsTuple);
            goes_on = replayed_.send_due(std::chrono::nanoseconds(Clock::now() - begun_), output_);
        }
        if (!goes_on)
            close();
    }

    /// Until the server ends the line.
    asio::awaitable<void> listen() {
        std::array<char, 8192> buffer;
        agi::AudioMessageReader reader;
        bool goes_on = true;
        while (goes_on && !closed_) {
            const auto into = asio::buffer(buffer);
            const auto [error, size] = co_await socket_.async_read_some(into, kAsTuple);
            std::string_view bytes(buffer.data(), size);
            goes_on = !error;
            while (goes_on && reader.next(bytes) == agi::AudioMessageReader::Event::message)
                goes_on = take(reader.message());
        }
        close();
    }

    /// False at the end.
    bool take(const agi::AudioMessage& message) {
        if (message.kind != agi::AudioMessage::Kind::audio)
            return false;
        if (talk_ && !std::exchange(heard_, true))
            begin_at(Clock::now() - 20ms);
        replayed_.hear(message);
        return true;
    }
    ReplayedAudio replayed_;
    AudioAddress address_;
    bool talk_;
    asio::io_context context_;
    asio::ip::tcp::socket socket_{context_};
    asio::steady_timer timer_{context_};
    Clock::time_point begun_;
    std::string output_, trouble_;
    std::promise<void> over_;
    std::future<void> ended_;
    std::thread thread_;
    bool told_ = false, heard_ = false, closed_ = false;
};

AudioReplay::AudioReplay(
    std::shared_ptr<const RecordedAudio> recorded,
    const std::vector<std::string>& command
)
    : line_(std::make_shared<Line>(
          std::move(recorded),
          testing::detail::audio_address_of(command),
          testing::detail::audio_of(command) == AudioLeg::Kind::talk
      )) {}

AudioReplay::~AudioReplay() = default;

const RecordedAudio& AudioReplay::recorded() const noexcept {
    return line_->replayed().recorded();
}

bool AudioReplay::wait(std::chrono::nanoseconds patience) {
    return line_->wait(patience);
}

std::optional<AudioDifference> AudioReplay::finish() {
    line_->stop();
    if (!line_->trouble().empty())
        return AudioDifference{recorded().opened, "audio", line_->trouble()};
    return line_->replayed().difference();
}

}  // namespace costrix::tool
