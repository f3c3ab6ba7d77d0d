// SPDX-License-Identifier: MIT
// The byte stream under a session: TCP, a pair of pipes, or a test's script.
#pragma once

#include <asio/any_io_executor.hpp>
#include <system_error>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace costrix::agi::detail {

/// Who is told of a transport's completions, always on its executor.
///
/// `self` is the reference that kept the listener alive meanwhile: passing it on to the next
/// operation costs no reference count.
class TransportListener {
public:
    virtual void
    on_read(std::error_code error, std::size_t size, std::shared_ptr<TransportListener> self) = 0;
    virtual void on_writable(std::error_code error, std::shared_ptr<TransportListener> self) = 0;

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

    virtual asio::any_io_executor get_executor() = 0;

    /// Reads at least a byte into `buffer`, which must stay; end of file is asio::error::eof.
    virtual void
    async_read_some(std::span<char> buffer, std::shared_ptr<TransportListener> listener) = 0;

    /// Writes what fits now and never waits: 0 without an error when nothing does.
    virtual std::size_t write_some(std::string_view bytes, std::error_code& error) = 0;

    /// Calls back when write_some() can be tried again.
    virtual void async_wait_writable(std::shared_ptr<TransportListener> listener) = 0;

    /// Ends both directions; what is pending completes with an error, later.
    virtual void close() noexcept = 0;
};

}  // namespace costrix::agi::detail
