// SPDX-License-Identifier: MIT
// A transport without sockets: a test plays Asterisk, byte by byte.
#pragma once

#include <costrix/agi/detail/transport.hpp>
#include <costrix/asio.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace costrix::test {

/// Bytes that the test gives are read by the session in chunks of a chosen size; what the session
/// writes is kept. Everything happens on the io_context, so a test runs it and looks.
class ScriptedTransport final : public agi::detail::Transport {
public:
    explicit ScriptedTransport(asio::io_context& context) : executor_(context.get_executor()) {}

    /// Asterisk sends `bytes`; the session reads at most `chunk` of them at a time.
    void receive(std::string_view bytes, std::size_t chunk = static_cast<std::size_t>(-1));
    /// Asterisk closes the connection, or `error` breaks it, once everything was read.
    void end(error_code error = asio::error::eof);
    /// What the session wrote since this was last asked.
    std::string take_sent() { return std::exchange(sent_, std::string()); }
    /// From now on so many bytes are taken, then none until this is called again.
    void limit_writes(std::size_t bytes);
    /// Writing fails from now on.
    void break_writes(error_code error) { write_error_ = error; }
    bool closed() const noexcept { return closed_; }

    const asio::any_io_executor& get_executor() const noexcept override { return executor_; }
    void start(agi::detail::TransportEvents& events, std::shared_ptr<void> owner) override;
    std::size_t write_some(std::string_view bytes, error_code& error) override;
    void wait_writable() override;
    void close() noexcept override;

private:
    void deliver();
    void deliver_chunk();

    asio::any_io_executor executor_;
    std::string input_, sent_;
    std::size_t chunk_ = static_cast<std::size_t>(-1);
    std::size_t room_ = static_cast<std::size_t>(-1);
    error_code end_, write_error_;
    agi::detail::TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;  // of events_, from start() to close()
    bool delivering_ = false;
    bool waits_writable_ = false;
    bool ended_ = false;
    bool closed_ = false;
};

}  // namespace costrix::test
