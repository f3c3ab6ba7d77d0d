// SPDX-License-Identifier: MIT
// The transport of a session, or of an audio connection, in a test: memory in place of a socket.
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

    /// What was written since the last call.
    std::string take_written() { return std::exchange(written_, {}); }
    /// Asterisk sends these bytes; they are read when the executor runs, after start().
    void deliver(std::string bytes);
    /// Asterisk closes the connection; false if it already has.
    bool end();
    /// Whether close() was called.
    bool closed() const noexcept { return events_ && !owner_; }

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
    std::string early_;  // came before start()
    bool ended_ = false;
};

/// A MemoryTransport that is driven from outside, whatever becomes of its user.
class SharedTransport final : public agi::detail::Transport {
public:
    explicit SharedTransport(std::shared_ptr<MemoryTransport> transport)
        : transport_(std::move(transport)) {}

    const asio::any_io_executor& get_executor() const noexcept override {
        return transport_->get_executor();
    }
    void start(agi::detail::TransportEvents& events, std::shared_ptr<void> owner) override {
        transport_->start(events, std::move(owner));
    }
    std::size_t write_some(std::string_view bytes, error_code& error) override {
        return transport_->write_some(bytes, error);
    }
    void wait_writable() override {}
    void close() noexcept override { transport_->close(); }

private:
    std::shared_ptr<MemoryTransport> transport_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
