// SPDX-License-Identifier: MIT
// What a frame of an audio line costs: allocations, writes to the transport, system calls.
#undef _FORTIFY_SOURCE  // whose inline functions cannot be replaced
#include "audio/audio_connection.hpp"
#include "session/timer_wheel.hpp"
#include "support/audio_peer.hpp"
#include "support/log_capture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#ifndef COSTRIX_PORTABLE
#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#endif

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

long allocations = 0;

void* counted(void* memory) {
    ++allocations;
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(std::malloc(size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    void* memory = nullptr;
    return counted(::posix_memalign(&memory, unit, size) == 0 ? memory : nullptr);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

#ifndef COSTRIX_PORTABLE

// --- system calls --------------------------------------------------------------------------------

namespace {

long asio_allocations = 0;

/// What this thread has the system do while `counted`.
thread_local struct {
    bool counted = false;
    long all = 0, sends = 0;
} system_calls;

/// Counts a call, and finds the function of the C library that makes it.
template <class Function>
Function* count(Function*, const char* name) {
    system_calls.all += system_calls.counted ? 1 : 0;
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {  // Asio's
    ++asio_allocations;
    static auto* const next =
        reinterpret_cast<decltype(&aligned_alloc)>(::dlsym(RTLD_NEXT, "aligned_alloc"));
    return next(alignment, size);
}
int epoll_wait(int epoll, epoll_event* events, int size, int timeout) {
    return count(&epoll_wait, "epoll_wait")(epoll, events, size, timeout);
}
int epoll_ctl(int epoll, int what, int descriptor, epoll_event* event) noexcept {
    return count(&epoll_ctl, "epoll_ctl")(epoll, what, descriptor, event);
}
int timerfd_settime(int timer, int flags, const itimerspec* time, itimerspec* old) noexcept {
    return count(&timerfd_settime, "timerfd_settime")(timer, flags, time, old);
}
ssize_t recv(int socket, void* bytes, std::size_t size, int flags) {
    return count(&recv, "recv")(socket, bytes, size, flags);
}
ssize_t send(int socket, const void* bytes, std::size_t size, int flags) {
    system_calls.sends += system_calls.counted ? 1 : 0;
    return count(&send, "send")(socket, bytes, size, flags);
}
ssize_t recvmsg(int socket, msghdr* message, int flags) {
    return count(&recvmsg, "recvmsg")(socket, message, flags);
}
ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    return count(&sendmsg, "sendmsg")(socket, message, flags);
}
ssize_t read(int descriptor, void* bytes, std::size_t size) {
    return count(&read, "read")(descriptor, bytes, size);
}
ssize_t write(int descriptor, const void* bytes, std::size_t size) {
    return count(&write, "write")(descriptor, bytes, size);
}
}

#endif

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using detail::TimerWheel;

/// Takes everything and keeps nothing.
class CountingTransport final : public detail::Transport {
public:
    explicit CountingTransport(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    void receive(std::string_view bytes) { events_->on_read({}, bytes); }
    void end() { events_->on_read(asio::error::eof, {}); }
    long writes() const noexcept { return writes_; }

    const asio::any_io_executor& get_executor() const noexcept override { return executor_; }
    void start(detail::TransportEvents& events, std::shared_ptr<void> owner) override {
        events_ = &events;
        owner_ = std::move(owner);
    }
    std::size_t write_some(std::string_view bytes, error_code&) override {
        ++writes_;
        return bytes.size();
    }
    void wait_writable() override {}
    void close() noexcept override { const auto owner = std::move(owner_); }

private:
    asio::any_io_executor executor_;
    detail::TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;
    long writes_ = 0;
};

asio::awaitable<void> echo(AudioLine& line) {
    AudioFrame frame;
    while (const auto* heard = co_await line.read(frame))
        line.write(heard->samples);
}

asio::awaitable<void> echo_copies(AudioLine& line) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples);
}

/// A line whose handler sends back what comes, every 20 ms of a time that the test sets.
class EchoedLine {
public:
    explicit EchoedLine(asio::awaitable<void> (*handler)(AudioLine&)) {
        wheel_.set_time(now_);
        auto owned = std::make_unique<CountingTransport>(context_.get_executor());
        transport_ = owned.get();
        connection_ = std::make_shared<detail::AudioConnection>(std::move(owned), 5s);
        connection_->start();
        line_.emplace(connection_, true);
        asio::co_spawn(context_, handler(*line_), [](auto error) { EXPECT_FALSE(error); });
        append_audio(bytes_, std::vector<std::int16_t>(160, 7));
        pass(500);  // until all buffers have their size
    }
    ~EchoedLine() {
        transport_->end();
        run();
    }
    void pass(int frames) {
        for (int i = 0; i < frames; ++i) {
            transport_->receive(bytes_);
            run();
            wheel_.set_time(now_ += 20ms);
            wheel_.turn_by_hand();
            run();
        }
    }
    long writes() const { return transport_->writes(); }
    std::uint64_t heard() const { return line_->heard(); }

private:
    void run() {
        context_.restart();
        context_.poll();
    }

    asio::io_context context_;
    TimerWheel& wheel_ = asio::use_service<TimerWheel>(context_);
    TimerWheel::Clock::time_point now_{1h};
    CountingTransport* transport_ = nullptr;
    std::shared_ptr<detail::AudioConnection> connection_;
    std::optional<AudioLine> line_;
    std::string bytes_;
};

TEST(AudioMemory, AFrameCostsNoAllocationAndOneWrite) {
    constexpr int kFrames = 5000;
    EchoedLine line(echo);
    const auto allocated = allocations, written = line.writes();
    line.pass(kFrames);
    EXPECT_EQ(allocations - allocated, 0);
    EXPECT_EQ(line.writes() - written, kFrames);
    EXPECT_GE(line.heard(), 160U * (kFrames - 1));
}

TEST(AudioMemory, AFrameOfItsOwnCostsItsSamples) {
    constexpr int kFrames = 5000;
    EchoedLine line(echo_copies);
    const auto allocated = allocations;
    line.pass(kFrames);
    EXPECT_EQ(allocations - allocated, kFrames);
}

#ifndef COSTRIX_PORTABLE

// --- over TCP ------------------------------------------------------------------------------------

/// What a frame of each direction costs a server.
struct Cost {
    double system_calls;
    double allocations;
};

/// Callers who say 20 ms every 20 ms to a server that echoes, all on this thread: how many of their
/// frames come at once does not depend on the machine. On a slow one there are fewer, larger turns.
class EchoingServer {
public:
    explicit EchoingServer(std::size_t lines) {
        auto handler = [](AudioLine& line, const Uuid&) { return echo(line); };
        server_.register_audio_handler(std::nullopt, handler);
        asio::co_spawn(context_, server_.serve_forever(), [](auto error) { EXPECT_FALSE(error); });
        const auto uuid = *Uuid::parse("40325ec2-5efd-4bd3-805f-53576e581d13");
        for (std::size_t i = 0; i < lines; ++i) {
            callers_.push_back(std::make_unique<test::AudioPeer>(server_.port()));
            callers_.back()->send(test::identity(uuid));
            while (server_.counters().lines <= i)
                context_.run_one();
        }
    }
    ~EchoingServer() {
        callers_.clear();
        server_.shutdown();
        context_.restart();
        context_.run();
    }
    Cost measure() {
        left_ = kRounds + 25;  // those before are not counted
        speak();
        context_.restart();
        context_.run();
        const auto sent = system_calls.sends;
        const auto frames =
            static_cast<double>(callers_.size() * kRounds) + static_cast<double>(sent);
        EXPECT_GE(sent, static_cast<long>(callers_.size()));
        const Cost cost{
            static_cast<double>(system_calls.all) / frames,
            static_cast<double>(allocations + asio_allocations - allocated_) / frames};
        std::cout << callers_.size() << " lines: " << cost.system_calls << " system calls a frame, "
                  << cost.allocations << " allocations\n";
        return cost;
    }

private:
    static constexpr int kRounds = 50;

    void speak() {
        const bool counted = left_ <= kRounds;
        system_calls.counted = false;
        if (left_ == kRounds) {
            system_calls.all = system_calls.sends = 0;
            allocated_ = allocations + asio_allocations;
        }
        if (left_-- == 0)
            return context_.stop();
        for (const auto& caller : callers_)
            caller->send(speech_);
        next_.expires_after(20ms);
        next_.async_wait([this](error_code) { speak(); });
        system_calls.counted = counted;
    }

    asio::io_context context_{1};
    test::LogCapture log_;
    AudioServer server_{
        context_.get_executor(),
        {.port = 0, .logger = log_.logger()},
        Threads::one};
    std::vector<std::unique_ptr<test::AudioPeer>> callers_;
    const std::string speech_ = test::audio(test::Samples(160, 7));
    asio::steady_timer next_{context_};
    int left_ = 0;
    long allocated_ = 0;
};

TEST(AudioMemory, FiftyLinesMakeLessThanTwoSystemCallsAFrame) {
    const auto cost = EchoingServer(50).measure();
    EXPECT_GT(cost.system_calls, 0) << "they are not counted";
    EXPECT_LE(cost.system_calls, 1.5);
    EXPECT_LE(cost.allocations, 0.1);
}

TEST(AudioMemory, ALineAloneMakesLessThanSixSystemCallsAFrame) {
    const auto cost = EchoingServer(1).measure();
    EXPECT_LT(cost.system_calls, 6);
    EXPECT_LE(cost.allocations, 0.1);
}

#endif

}  // namespace
}  // namespace costrix::agi
