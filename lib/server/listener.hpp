// SPDX-License-Identifier: MIT
// A listening socket: accepts in bursts, survives errors, and closes its door without a loss.
#pragma once

#include "server/counters.hpp"
#include "server/listening_socket.hpp"
#include "transport/descriptor.hpp"
#include "transport/reserved_memory.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/fwd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace costrix::agi::detail {

/// One listening socket. No thread safety: used from its executor only.
///
///     open ──refuse()──▶ closing ──▶ shut ──resume()──▶ open
///       └─────finish()──▶ closing ──▶ gone ◀──close()── any
///
/// While it is closing, nobody new is let in, and whoever waits in the kernel's queue is taken.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// Takes a connection and who it is of; false when no more are wanted for now.
    using Take = std::function<bool(Descriptor, const asio::ip::tcp::endpoint&)>;

    /// Closing may outlive the server, so counters and logger are shared with it.
    Listener(
        asio::ip::tcp::acceptor acceptor,
        std::shared_ptr<Counters> counters,
        std::shared_ptr<spdlog::logger> logger
    );
    virtual ~Listener() = default;

    asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    /// True when it will never take anybody again.
    bool gone() const noexcept { return door_ == Door::gone; }
    void share() { share_port(acceptor_); }

    /// Accepts until stop(), close(), or `take` returns false.
    void accept(Take take);
    /// Accepts no more, but listens on: connections wait in the kernel's queue.
    void stop();
    /// No more than so many are wanted: the kernel's queue is kept that short.
    void set_room(std::size_t room);
    /// Takes who is in the queue; whoever comes later is refused until resume().
    void refuse();
    void resume();
    /// Takes who is in the queue, then closes; calls `done` when it has.
    void finish(std::function<void()> done);
    /// Closes at once, and drops who is in the queue.
    void close();

protected:
    /// accept(2); for tests to fail.
    virtual Descriptor accept_connection(asio::ip::tcp::endpoint& peer);

private:
    enum class Door : std::uint8_t { open, closing, shut, gone };
    enum class Accepted : std::uint8_t { one, none, enough, failed };

    /// True while it takes connections out of the kernel's queue.
    bool takes() const noexcept {
        return accepting_ && (door_ == Door::open || door_ == Door::closing);
    }
    void wait();
    void on_ready(std::error_code error);
    Accepted accept_one();
    void back_off(std::error_code error);
    void begin_closing();
    void end_closing();
    void reopen_later();

    asio::ip::tcp::acceptor acceptor_;
    ReservedMemory memory_;  // of all waits
    asio::steady_timer retry_;
    asio::steady_timer closing_;
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<Counters> counters_;
    std::shared_ptr<spdlog::logger> logger_;
    Take take_;
    std::function<void()> done_;
    std::error_code failure_;  // why accepting failed last
    std::size_t queue_;        // the length of the kernel's queue
    Door door_ = Door::open;
    bool for_good_ = false;  // closing leads to gone, not to shut
    bool accepting_ = false;
    bool waiting_ = false;    // an async_wait is outstanding
    bool reopening_ = false;  // resume() failed and will be tried again
    bool troubled_ = false;   // accepting fails at the moment; that was logged
};

}  // namespace costrix::agi::detail
