// SPDX-License-Identifier: MIT
// A call of a server's: the accepted connection, and what the server keeps for it.
#pragma once

#include "server/acceptor.hpp"
#include "server/hosted_call.hpp"
#include "transport/socket_transport.hpp"

#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class ServerLoop;

/// Lives from accept to close; whatever is pending for it shares ownership. Its loop lists it.
class ServedCall final : public HostedCall,
                         public std::enable_shared_from_this<ServedCall>,
                         public boost::intrusive::list_base_hook<> {
public:
    /// `executor` and `direct`: see make_transport(). `busy`: it is one for Options::busy.
    ServedCall(
        Descriptor socket,
        std::shared_ptr<const asio::any_io_executor> executor,
        bool direct,
        std::shared_ptr<ServerLoop> loop,
        const Peer& peer,
        bool busy
    );
    ~ServedCall();

    void start() { HostedCall::start(); }
    /// See Call::cancel(). On the call's executor.
    void cancel() { call_.cancel(); }
    /// True once it counts as a session of its peer; a proxy's does not before its header is read.
    bool counted() const noexcept { return counted_; }
    const asio::any_io_executor& get_executor() const noexcept { return transport_.get_executor(); }

private:
    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    bool admit_peer() override;
    void on_closed() noexcept override;

    std::shared_ptr<ServerLoop> loop_;
    SocketTransport transport_;
    std::unique_ptr<ProxiedTransport> proxied_;  // over transport_; null if the peer is no proxy
    Call call_;
    bool counted_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
