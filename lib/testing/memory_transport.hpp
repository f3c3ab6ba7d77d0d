// SPDX-License-Identifier: MIT
// A session's transport in a test: memory in place of a socket.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class MemoryTransport final : public agi::detail::Transport {
public:
    explicit MemoryTransport(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// What the session has written since the last call.
    std::string take_written() { return std::exchange(written_, {}); }
    /// Asterisk sends these bytes; the session reads them when its executor runs.
    void deliver(std::string bytes);
    /// Asterisk closes the connection; false if it already has.
    bool end();

    const asio::any_io_executor& get_executor() const noexcept override { return executor_; }
    void start(agi::detail::TransportEvents& events, std::shared_ptr<void> owner) override;
    std::size_t write_some(std::string_view bytes, error_code& error) override;
    void wait_writable() override {}  // never full
    void close() noexcept override;

private:
    asio::any_io_executor executor_;
    agi::detail::TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;  // of events_, from start() to close()
    std::string written_;
    bool ended_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
