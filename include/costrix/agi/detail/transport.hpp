// SPDX-License-Identifier: MIT
// The byte stream under a session: TCP, a pair of pipes, or a test's script.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <system_error>

#include <cstddef>
#include <memory>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// How much is read at once, onto the stack, so that an idle session holds no buffer. More than
/// Asterisk sends except for long values; it bounds the turn of a peer that sends without end,
/// which took 100 to 150 µs with four reads of 16 KiB.
inline constexpr std::size_t kReadSize = 4096;

/// Receives what happens to a transport, always on the transport's executor.
class TransportEvents {
public:
    /// Bytes have come, valid during this call only; or, with an error, the end:
    /// asio::error::eof if the peer closed.
    virtual void on_read(error_code error, std::string_view bytes) = 0;
    /// write_some() can be tried again.
    virtual void on_writable() = 0;

protected:
    ~TransportEvents() = default;
};

/// The local address of a stream of Asio's; unspecified if its lowest layer is no Internet socket.
template <class Stream>
asio::ip::address local_address_of(const Stream& stream) {
    error_code error;
    if constexpr (requires { stream.lowest_layer().local_endpoint(error).address(); }) {
        const auto endpoint = stream.lowest_layer().local_endpoint(error);
        return error ? asio::ip::address() : endpoint.address();
    }
    return {};
}

/// A bidirectional byte stream. No thread safety: used from its executor only.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    virtual const asio::any_io_executor& get_executor() const noexcept = 0;

    /// Reads until the end or close(). `owner` keeps `events` and this transport alive until then,
    /// and during each call of `events`.
    virtual void start(TransportEvents& events, std::shared_ptr<void> owner) = 0;

    /// Writes what fits now and never waits: 0 without an error if nothing does.
    virtual std::size_t write_some(std::string_view bytes, error_code& error) = 0;

    /// Calls on_writable(), once.
    virtual void wait_writable() = 0;

    /// The address at which the peer reached us; unspecified if this is no Internet socket.
    virtual asio::ip::address local_address() const { return {}; }

    /// Ends both directions. No event comes after this, and the owner is released.
    virtual void close() noexcept = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
