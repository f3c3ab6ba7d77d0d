// SPDX-License-Identifier: MIT
// A listening socket for a test that plays a server by hand.
#pragma once

#include "support/tcp_peer.hpp"

#include <cstdint>
#include <memory>

namespace costrix::test {

/// Listens on a port of its own on the loopback.
class TcpAcceptor {
public:
    TcpAcceptor();
    ~TcpAcceptor() { close(); }
    TcpAcceptor(const TcpAcceptor&) = delete;
    TcpAcceptor& operator=(const TcpAcceptor&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// The next connection; throws std::system_error when none comes within ten seconds.
    [[nodiscard]] std::unique_ptr<TcpPeer> accept();
    void close();

private:
    int socket_;
};

}  // namespace costrix::test
