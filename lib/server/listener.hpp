// SPDX-License-Identifier: MIT
// A listening socket: accepts in bursts, survives errors, and stops without losing a connection.
#pragma once

#include "platform/descriptor.hpp"
#include "server/acceptor.hpp"
#include "server/counters.hpp"
#include "server/listening_socket.hpp"
#include "server/unix_socket.hpp"

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
/// accepted. Without full control of the socket it is never draining, and new connections wait in
/// the kernel's queue while it is refusing.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// Takes a connection and its peer; false when no more are wanted for now.
    using OnAccepted = std::function<bool(Descriptor, const Peer&)>;

    /// Draining may outlive the server, so it shares counters and logger.
    Listener(
        StreamAcceptor acceptor,
        std::shared_ptr<Counters> counters,
        std::shared_ptr<spdlog::logger> logger,
        SocketControl control = SocketControl::all
    );
    virtual ~Listener() = default;

    /// Where it listens; port 0 on a Unix socket.
    asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    /// The file of its Unix socket is removed when it stops listening.
    void keep_file(UnixSocketFile file) { file_ = std::move(file); }
    SocketControl control() const noexcept { return control_; }
    bool closed() const noexcept { return state_ == State::closed; }
    /// Another socket on the same port, or the same Unix socket, for another event loop.
    StreamAcceptor
    open_another(const asio::any_io_executor& executor, std::chrono::milliseconds peer_timeout);

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
    /// accept(2); a test can make it fail. A Unix peer leaves its address family in `peer`.
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
    void stop_taking();

    std::pmr::unsynchronized_pool_resource memory_;  // of the wait for connections
    StreamAcceptor acceptor_;
    UnixSocketFile file_;
    asio::steady_timer retry_;     // after an error of accept(2)
    asio::steady_timer draining_;  // to its end, or until listening is tried again
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<Counters> counters_;
    std::shared_ptr<spdlog::logger> logger_;
    OnAccepted on_accepted_;
    std::function<void()> done_;
    error_code failure_;  // of the last accept(2)
    std::size_t queue_;   // length of the kernel's queue
    SocketControl control_;
    State state_ = State::open;
    bool accepting_ = false;
    bool waiting_ = false;   // an async_wait is outstanding
    bool troubled_ = false;  // accepting fails at the moment; that was logged
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
