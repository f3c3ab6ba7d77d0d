// SPDX-License-Identifier: MIT
// The byte stream under a session: TCP, a pair of pipes, or a test's script.
#pragma once

#include <asio/any_io_executor.hpp>
#include <system_error>

#include <cstddef>
#include <memory>
#include <string_view>

namespace costrix::agi::detail {

/// How much is read at once, onto the stack: nothing is held for a session that waits. It is more
/// than Asterisk has to say but for long values, and bounds the turn of a peer that sends without
/// end: with 16 KiB, four times over, that took 100 to 150 µs.
inline constexpr std::size_t kReadSize = 4096;

/// Who is told of what happens to a transport, always on its executor.
class TransportListener {
public:
    /// Bytes have come, which stay during this call only; or, with an error, the last of it:
    /// asio::error::eof when the peer closed.
    virtual void on_read(std::error_code error, std::string_view bytes) = 0;
    /// write_some() can be tried again.
    virtual void on_writable() = 0;

protected:
    ~TransportListener() = default;
};

/// One bidirectional byte stream. No thread safety: used from its executor only.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    virtual const asio::any_io_executor& get_executor() const noexcept = 0;

    /// Begins to read and goes on until the end or close(); the listener is kept alive until
    /// close(), and while it is called.
    virtual void start(std::shared_ptr<TransportListener> listener) = 0;

    /// Writes what fits now and never waits: 0 without an error when nothing does.
    virtual std::size_t write_some(std::string_view bytes, std::error_code& error) = 0;

    /// Calls on_writable(), once.
    virtual void wait_writable() = 0;

    /// Ends both directions; nobody is called any more, and the listener is let go of.
    virtual void close() noexcept = 0;
};

}  // namespace costrix::agi::detail
