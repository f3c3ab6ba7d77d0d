// SPDX-License-Identifier: MIT
// FastAGI's transport: a stream socket in an epoll set.
#pragma once

#include "platform/descriptor.hpp"
#include "platform/linux/epoll/epoll_set.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The socket is non-blocking and should have TCP_NODELAY: a command is one small write that waits
/// for its answer.
class EpollTransport final : public Transport, private EpollEntry {
public:
    /// `executor`: shared by all transports of a context where it is the context's own, with one
    /// thread (`direct`); otherwise it is a strand.
    EpollTransport(
        Descriptor socket,
        std::shared_ptr<const asio::any_io_executor> executor,
        bool direct
    );
    ~EpollTransport() override { close(); }

    const asio::any_io_executor& get_executor() const noexcept override { return *executor_; }
    void start(TransportEvents& events, std::shared_ptr<void> owner) override;
    std::size_t write_some(std::string_view bytes, error_code& error) override;
    void wait_writable() override;
    asio::ip::address local_address() const override;
    void close() noexcept override;

private:
    std::shared_ptr<void> keep_alive() noexcept override { return owner_; }
    void on_ready(std::uint32_t events, std::shared_ptr<void> self) noexcept override;
    void handle(std::uint32_t events) noexcept;
    void read(bool ended);
    void fail() noexcept;

    EpollSet& set_;
    std::shared_ptr<const asio::any_io_executor> executor_;
    TransportEvents* events_ = nullptr;
    std::shared_ptr<void> owner_;  // of events_, from start() to close()
    Descriptor socket_;
    bool direct_;
    bool watched_ = false;
    bool ended_ = false;  // nothing more is to be read
    bool wants_writable_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
