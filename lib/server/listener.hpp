// SPDX-License-Identifier: MIT
// A listening socket: accepts in bursts, survives errors, and stops without losing a connection.
#pragma once

#include "server/counters.hpp"
#include "server/listening_socket.hpp"
#include "transport/descriptor.hpp"

#include <costrix/asio.hpp>

#include <spdlog/fwd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// One listening socket. No thread safety: used from its executor only.
///
///     open ──refuse()──▶ draining ──▶ refusing ──resume()──▶ open
///       └─────finish()──▶ closing ──▶ closed ◀──close()── any
///
/// While it is draining or closing, the kernel drops new connections, and those in its queue are
/// accepted.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// Takes a connection and its peer; false when no more are wanted for now.
    using OnAccepted = std::function<bool(Descriptor, const asio::ip::tcp::endpoint&)>;

    /// Draining may outlive the server, so it shares counters and logger.
    Listener(
        asio::ip::tcp::acceptor acceptor,
        std::shared_ptr<Counters> counters,
        std::shared_ptr<spdlog::logger> logger
    );
    virtual ~Listener() = default;

    asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    bool closed() const noexcept { return state_ == State::closed; }
    /// Lets other sockets listen on the same port. After binding, so that a port that another
    /// program listens on is still an error.
    void share() { acceptor_.set_option(ReusePort(true)); }

    /// Accepts until stop(), close(), or until `on_accepted` returns false.
    void accept(OnAccepted on_accepted);
    /// Stops accepting, but goes on listening: connections wait in the kernel's queue.
    void stop();
    /// Keeps the kernel's queue as short as that many connections are wanted.
    void set_room(std::size_t room);
    /// Accepts what is in the queue; the kernel refuses later connections until resume().
    void refuse();
    void resume();
    /// Accepts what is in the queue, then closes and calls `done`.
    void finish(std::function<void()> done);
    /// Closes at once, and resets what is in the queue.
    void close();

protected:
    /// accept(2); a test can make it fail.
    virtual Descriptor accept_connection(asio::ip::tcp::endpoint& peer);

private:
    enum class State : std::uint8_t {
        open,
        draining,
        closing,
        refusing,
        reopening,  ///< Refusing: resume() failed and will be tried again.
        closed,
    };
    enum class Accepted : std::uint8_t { one, none, enough, failed };

    bool listening() const noexcept { return state_ <= State::closing; }
    /// True while it takes connections out of the kernel's queue.
    bool takes() const noexcept { return accepting_ && listening(); }
    void wait();
    void on_ready(error_code error);
    Accepted accept_one();
    void back_off(error_code error);
    void begin_draining(State state);
    void end_draining();

    std::pmr::unsynchronized_pool_resource memory_;  // of the wait for connections
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer retry_;     // after an error of accept(2)
    asio::steady_timer draining_;  // to its end, or until listening is tried again
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<Counters> counters_;
    std::shared_ptr<spdlog::logger> logger_;
    OnAccepted on_accepted_;
    std::function<void()> done_;
    error_code failure_;  // of the last accept(2)
    std::size_t queue_;   // length of the kernel's queue
    State state_ = State::open;
    bool accepting_ = false;
    bool waiting_ = false;   // an async_wait is outstanding
    bool troubled_ = false;  // accepting fails at the moment; that was logged
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
