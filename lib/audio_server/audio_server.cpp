// SPDX-License-Identifier: MIT
// AudioServer: the face of its loop.
#include "audio_server/audio_server_loop.hpp"
#include "server/server_threads.hpp"

#include <costrix/agi/audio_server.hpp>
#include <costrix/asio.hpp>

#include <spdlog/logger.h>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::AudioServerLoop;
using detail::CallExecutors;

/// A loop that serves only lines is served while it has work.
asio::awaitable<std::optional<detail::Drained>> serve_lines() {
    co_return std::nullopt;
}

asio::awaitable<void> serve(std::shared_ptr<AudioServerLoop> loop) {
    co_await loop->serve();
}

}  // namespace

struct AudioServer::Impl {
    explicit Impl(Options options)
        : loop(std::make_shared<AudioServerLoop>(
              own.emplace_back(std::make_unique<asio::io_context>(1))->get_executor(),
              CallExecutors::direct,
              std::move(options)
          )) {}
    Impl(asio::any_io_executor executor, Options options, Threads threads)
        : loop(std::make_shared<AudioServerLoop>(
              executor,
              detail::call_executors(executor, threads),
              std::move(options)
          )) {}
    ~Impl() {
        if (own.empty())
            loop->shutdown();
        else
            loop->close();
        loop.reset();
        // What run() left behind in the others waits for signals in the first: that one goes last.
        while (!own.empty())
            own.pop_back();
    }

    void run(std::size_t threads);

    std::vector<std::unique_ptr<asio::io_context>> own;  // run() adds one for each other thread
    std::shared_ptr<AudioServerLoop> loop;
    bool ran = false;
};

void AudioServer::Impl::run(std::size_t threads) {
    if (own.empty())
        throw std::logic_error("AudioServer::run() on a server that was given an executor");
    if (threads == 0)
        throw std::invalid_argument("AudioServer::run(): no thread");
    if (std::exchange(ran, true))
        throw std::logic_error("AudioServer::run() on a server that has run");
    std::vector<asio::any_io_executor> executors;
    while (own.size() < threads)
        executors.push_back(own.emplace_back(std::make_unique<asio::io_context>(1))->get_executor()
        );
    loop->add_executors(std::move(executors));
    const auto on_exception = [this](const std::exception_ptr&) {  // other lines go on
        loop->logger().error("audio: an exception left a completion handler");
    };
    const auto shutdown = [this] { loop->shutdown(); };
    const bool signals = loop->options().handle_signals;
    std::vector<detail::RunningLoop> all;
    for (const auto& context : own) {
        const auto serve_it = [this, first = all.empty()] {
            return first ? loop->serve() : serve_lines();
        };
        all.push_back({*context, 1, context->get_executor(), serve_it, on_exception});
    }
    detail::run_loops(std::move(all), signals, shutdown);
}

AudioServer::AudioServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

AudioServer::AudioServer(asio::any_io_executor executor, Options options, Threads threads)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options), threads)) {}

AudioServer::~AudioServer() = default;

void AudioServer::run(std::size_t threads) {
    impl_->run(threads);
}

asio::awaitable<void> AudioServer::serve_forever() {
    const auto& loop = impl_->loop;
    return asio::co_spawn(loop->executor(), serve(loop), asio::use_awaitable);
}

void AudioServer::shutdown() {
    impl_->loop->shutdown();
}

std::uint16_t AudioServer::port() const noexcept {
    return impl_->loop->port();
}

AudioServerCounters AudioServer::counters() const noexcept {
    return impl_->loop->counters();
}

void AudioServer::register_audio_handler(
    const std::optional<std::string>& pattern,
    AudioHandler handler
) {
    impl_->loop->routes().add(pattern, std::move(handler));
}

bool AudioServer::unregister_audio_handler(const std::optional<std::string>& pattern) {
    return impl_->loop->routes().remove(pattern);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
