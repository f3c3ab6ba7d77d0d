// SPDX-License-Identifier: MIT
// One connection to an AudioServer, from accept to the end of its handler.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/transport.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <boost/intrusive/list_hook.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A connection that is to identify itself. Used on its executor, except for cancel().
class AudioVisitor : public std::enable_shared_from_this<AudioVisitor> {
public:
    /// `direct`: see make_transport().
    AudioVisitor(
        Descriptor socket,
        const asio::ip::tcp::endpoint& peer,
        const asio::any_io_executor& executor,
        bool direct
    );

    const asio::ip::tcp::endpoint& peer() const noexcept { return peer_; }
    asio::any_io_executor executor() { return socket_.get_executor(); }
    asio::cancellation_slot slot() noexcept { return signal_.slot(); }

    /// Waits for the UUID; nullopt when none comes in this time.
    asio::awaitable<std::optional<Uuid>> identify(std::chrono::milliseconds time);
    /// The connection as a transport, once; afterwards there is none here.
    std::unique_ptr<Transport> take_transport();

    /// Closes a connection that has not identified itself. Any thread.
    void abandon() noexcept;
    /// Cancels the handler. Any thread.
    void cancel() noexcept;
    bool cancelled() const noexcept { return cancelled_; }

    /// For AudioVisitors.
    boost::intrusive::list_member_hook<> among_all, among_unidentified;

private:
    asio::ip::tcp::endpoint peer_;
    asio::ip::tcp::socket socket_;
    asio::cancellation_signal signal_;
    std::array<char, 19> bytes_{};  // a UUID with its header
    std::atomic<bool> cancelled_ = false;
    bool direct_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
