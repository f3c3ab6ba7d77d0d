// SPDX-License-Identifier: MIT
// A transport over any of Asio's streams, on Asio's own reactor.
#pragma once

#include "transport/transport.hpp"

#include <costrix/asio.hpp>

#include <array>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A stream whose calls can be made without waiting and without holding a buffer meanwhile: a
/// socket, or a descriptor.
template <class Stream>
concept PollableStream = requires(Stream& stream, void (*handler)(error_code)) {
    stream.non_blocking(true);
    stream.async_wait(Stream::wait_read, handler);
};

/// Takes an AsyncReadStream and AsyncWriteStream with a lowest_layer() that can be closed.
///
/// A pollable stream holds no buffer while it waits: bytes are read onto the stack when they have
/// come. Any other stream, such as TLS, is read into a buffer of its own and written from a copy.
template <class Stream>
class AsioTransport final : public Transport {
public:
    /// `stream` is connected, and its executor runs one handler at a time.
    explicit AsioTransport(Stream stream)
        : stream_(std::move(stream)), executor_(stream_.get_executor()) {
        if constexpr (kPollable)
            stream_.non_blocking(true);
    }
    ~AsioTransport() override { close(); }

    const asio::any_io_executor& get_executor() const noexcept override { return executor_; }

    void start(TransportEvents& events, std::shared_ptr<void> owner) override {
        events_ = &events;
        owner_ = std::move(owner);
        attempt([this] { wait_readable(); });
    }

    std::size_t write_some(std::string_view bytes, error_code& error) override {
        if constexpr (kPollable) {
            const auto size = stream_.write_some(asio::buffer(bytes), error);
            if (error == asio::error::would_block)
                error.clear();
            return size;
        } else {
            return write_copy(bytes);
        }
    }

    void wait_writable() override {
        if constexpr (kPollable)
            stream_.async_wait(Stream::wait_write, handler([this](auto&&...) {
                                   events_->on_writable();  // whose write_some() tells an error
                               }));
        else
            io_.wants_writable = true;
    }

    void close() noexcept override {
        error_code ignored;
        stream_.lowest_layer().close(ignored);
        const auto released = std::move(owner_);
    }

private:
    static constexpr bool kPollable = PollableStream<Stream>;

    struct Nothing {};
    struct Buffers {
        std::array<char, kReadSize> input;
        std::string output;  // being written, unless it is empty
        bool wants_writable = false;
    };

    /// A completion handler that keeps the owner alive and is silent after close().
    template <class Function>
    auto handler(Function function) {
        return [this, owner = owner_, function](error_code error, std::size_t size = 0) {
            if (owner_)
                attempt([&] { function(error, size); });
        };
    }

    /// An exception, such as bad_alloc, ends this session and nothing else.
    template <class Function>
    void attempt(Function function) noexcept {
        try {
            function();
        } catch (...) {
            end(asio::error::no_memory);
        }
    }

    void end(error_code error) noexcept {
        try {
            if (owner_ && !std::exchange(ended_, true))
                events_->on_read(error, {});
        } catch (...) {
            close();
        }
    }

    void wait_readable() {
        if constexpr (kPollable)
            stream_.async_wait(Stream::wait_read, handler([this](error_code error, auto) {
                                   read(error);
                               }));
        else
            stream_.async_read_some(
                asio::buffer(io_.input), handler([this](error_code error, std::size_t size) {
                    deliver(error, {io_.input.data(), size});
                })
            );
    }

    /// Once for each wait, so that other sessions have their turn.
    void read(error_code error) requires kPollable {
        std::array<char, kReadSize> buffer;
        std::size_t size = 0;
        if (!error)
            size = stream_.read_some(asio::buffer(buffer), error);
        if (error == asio::error::would_block)
            wait_readable();
        else
            deliver(error, {buffer.data(), size});
    }

    void deliver(error_code error, std::string_view bytes) {
        if (!bytes.empty() && !ended_)
            events_->on_read({}, bytes);
        if (error)
            end(error);
        else if (owner_ && !ended_)
            wait_readable();
    }

    /// Takes all or nothing: a stream that encrypts cannot take back what did not fit.
    std::size_t write_copy(std::string_view bytes) requires(!kPollable) {
        if (!io_.output.empty())
            return 0;
        io_.output = bytes;
        asio::async_write(
            stream_, asio::buffer(io_.output), handler([this](error_code error, auto) {
                io_.output.clear();
                if (error)
                    end(error);
                else if (std::exchange(io_.wants_writable, false))
                    events_->on_writable();
            })
        );
        return bytes.size();
    }

    Stream stream_;
    asio::any_io_executor executor_;
    TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;  // of events_, from start() to close()
    bool ended_ = false;           // nothing more is read
    [[no_unique_address]] std::conditional_t<kPollable, Nothing, Buffers> io_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
