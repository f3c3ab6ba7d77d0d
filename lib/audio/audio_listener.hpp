// SPDX-License-Identifier: MIT
// A listening socket for audio, and the connections that have not yet said whose they are.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/talk.hpp>
#include <costrix/asio.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class AudioListener;
class AudioRendezvous;

/// A connection from which a UUID is to come. Runs on a strand of its own.
class AudioArrival : public std::enable_shared_from_this<AudioArrival> {
public:
    static constexpr auto kMaxTime = std::chrono::seconds(2);

    AudioArrival(
        std::shared_ptr<AudioListener> listener,
        const asio::any_io_executor& executor,
        const asio::ip::tcp& protocol,
        Descriptor socket
    );
    void start();
    /// Closes it; from any thread.
    void abandon();

private:
    void finish(error_code error);

    std::shared_ptr<AudioListener> listener_;
    asio::ip::tcp::socket socket_;
    asio::steady_timer deadline_;
    std::array<char, 19> bytes_{};  // a UUID with its header
};

/// Everything here is called with the rendezvous' mutex held, which its own handlers take.
class AudioListener : public std::enable_shared_from_this<AudioListener> {
public:
    /// Connections that have not identified themselves, at once.
    static constexpr std::size_t kMaxArrivals = 64;

    /// Listens; throws system_error. `executor` is no strand.
    AudioListener(
        AudioRendezvous& rendezvous,
        const asio::any_io_executor& executor,
        const asio::ip::address& address,
        AudioPorts ports
    );
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void wait();
    /// Ends it, and the connections that have not identified themselves.
    void close() noexcept;

    std::size_t meetings = 0;

private:
    friend class AudioArrival;
    void on_ready();
    void wait_to_retry();
    bool accept_one();

    AudioRendezvous& rendezvous_;
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer retry_;
    std::list<std::weak_ptr<AudioArrival>> arrivals_;  // the oldest first
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
