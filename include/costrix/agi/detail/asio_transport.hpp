// SPDX-License-Identifier: MIT
// A transport over any of Asio's streams, on Asio's own reactor.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>
#include <costrix/asio.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

/// What an AsioTransport takes: an AsyncReadStream and AsyncWriteStream that can be closed, itself
/// or at its lowest_layer().
template <class Stream>
concept ClosableStream = std::move_constructible<Stream> && requires(
    Stream& stream,
    char* bytes,
    std::size_t size,
    void (*handler)(error_code, std::size_t)
) {
    { stream.get_executor() } -> std::convertible_to<asio::any_io_executor>;
    stream.async_read_some(asio::buffer(bytes, size), handler);
    stream.async_write_some(asio::buffer(bytes, size), handler);
} &&(
    requires(Stream& stream) { stream.close(); } ||
    requires(Stream & stream) { stream.lowest_layer().close(); }
);

/// A stream that says goodbye before it is closed, as TLS does: without that, the other side takes
/// the end for a lost connection.
template <class Stream>
concept GracefulStream = requires(Stream& stream, void (*handler)(error_code)) {
    stream.async_shutdown(handler);
};

/// The peer of a stream whose lowest layer is a connected TCP socket.
template <class Stream>
std::optional<asio::ip::tcp::endpoint> peer_of(Stream& stream) {
    if constexpr (requires {
                      {
                          stream.lowest_layer().remote_endpoint()
                          } -> std::convertible_to<asio::ip::tcp::endpoint>;
                  }) {
        error_code error;
        const auto peer = stream.lowest_layer().remote_endpoint(error);
        if (!error)
            return peer;
    }
    return std::nullopt;
}

/// Takes a ClosableStream.
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

    asio::ip::address local_address() const override { return local_address_of(stream_); }

    void close() noexcept override {
        const auto released = std::move(owner_);
        if constexpr (GracefulStream<Stream>) {
            if (released && say_goodbye(released))
                return;
        }
        close_stream();
    }

private:
    static constexpr bool kPollable = PollableStream<Stream>;
    static constexpr auto kGoodbye = std::chrono::seconds(1);

    struct Nothing {};
    struct Buffers {
        std::array<char, kReadSize> input;
        std::string output;  // being written, unless it is empty
        bool wants_writable = false;
    };

    void close_stream() noexcept {
        try {
            if constexpr (requires { stream_.lowest_layer().close(); })
                stream_.lowest_layer().close();
            else
                stream_.close();
        } catch (...) {  // it is as closed as it can be
        }
    }

    /// Closes the stream when the other side has heard it, or a little later.
    bool say_goodbye(const std::shared_ptr<void>& owner) noexcept requires GracefulStream<Stream> {
        try {
            const auto patience = std::make_shared<asio::steady_timer>(executor_, kGoodbye);
            stream_.async_shutdown([this, owner, patience](error_code) {
                patience->cancel();
                close_stream();
            });
            patience->async_wait([this, owner](error_code cancelled) {
                if (!cancelled)
                    close_stream();
            });
            return true;
        } catch (...) {
            return false;
        }
    }

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
