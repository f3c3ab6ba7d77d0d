// SPDX-License-Identifier: MIT
// talk(): two-way audio in a call, by Asterisk's application AudioSocket.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// A range of TCP ports, both ends included; 0 to 0: the system chooses.
struct AudioPorts {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

/// How Asterisk reaches a call's audio, and how much of it is kept.
class AudioOptions {
public:
    AudioOptions() {}

    /// The host that Asterisk is told to connect to: a name or an address.
    ///
    /// By default the address at which Asterisk has reached the AGI connection; set it if there is
    /// a balancer or address translation in between.
    AudioOptions& host(std::string name) {
        host_ = std::move(name);
        return *this;
    }
    /// The local address to listen on, if it is not the AGI connection's own.
    AudioOptions& listen_on(asio::ip::address address) {
        listen_on_ = std::move(address);
        return *this;
    }
    /// The ports to listen on, for a firewall's sake: the first that is free. Each event loop needs
    /// one while calls connect.
    AudioOptions& ports(std::uint16_t first, std::uint16_t last) {
        ports_ = {first, last};
        return *this;
    }
    /// How long Asterisk has to connect; 5 s.
    AudioOptions& connect_timeout(std::chrono::milliseconds time) {
        connect_timeout_ = time;
        return *this;
    }
    /// How much audio is kept in each direction; 5 s.
    AudioOptions& buffer(std::chrono::milliseconds time) {
        buffer_ = time;
        return *this;
    }

    const std::string& host() const noexcept { return host_; }
    const std::optional<asio::ip::address>& listen_on() const noexcept { return listen_on_; }
    AudioPorts ports() const noexcept { return ports_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    std::chrono::milliseconds buffer() const noexcept { return buffer_; }

private:
    std::string host_;
    std::optional<asio::ip::address> listen_on_;
    AudioPorts ports_;
    std::chrono::milliseconds connect_timeout_ = std::chrono::seconds(5);
    std::chrono::milliseconds buffer_ = std::chrono::seconds(5);
};

/// What has happened on the audio ports of an event loop.
struct AudioRendezvousCounters {
    std::uint64_t connected = 0;     ///< Connections that found their call.
    std::uint64_t unidentified = 0;  ///< Closed: no UUID in 2 s, or before they closed.
    std::uint64_t unknown = 0;       ///< Closed: no call waits for that UUID, or any longer.
    std::uint64_t too_many = 0;      ///< Closed: 64 others had not identified themselves.
};

/// The counters of a call's event loop: `audio_counters(call.get_executor())`.
AudioRendezvousCounters audio_counters(const asio::any_io_executor& executor);

namespace detail {

/// One talk(): the command, the connection, and how both end.
class Talk {
public:
    Talk(AGI& call, const AudioOptions& options);
    ~Talk();
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;

    /// Begins to listen.
    void listen();
    /// Runs the application until it ends.
    asio::awaitable<void> execute();
    /// Waits for the line; null when the application ended first.
    asio::awaitable<AudioLine*> connect();
    /// Ends the line after its handler, which may have thrown.
    void end(std::exception_ptr error) noexcept;
    /// Throws what went wrong; once all has ended.
    asio::awaitable<void> judge();

private:
    struct State;
    std::unique_ptr<State> state_;
};

template <class T, class Handler>
asio::awaitable<std::optional<ValueOf<T>>> run_handler(Talk& talk, Handler& handler) {
    std::optional<ValueOf<T>> value;
    AudioLine* const line = co_await talk.connect();
    if (!line)
        co_return value;
    std::exception_ptr error;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await handler(*line);
            value.emplace();
        } else {
            value.emplace(co_await handler(*line));
        }
    } catch (...) {
        error = std::current_exception();
    }
    talk.end(error);
    co_return value;
}

template <class T, class Handler>
asio::awaitable<T> run_talk(std::unique_ptr<Talk> talk, Handler handler) {
    talk->listen();
    auto both = co_await join(talk->execute(), run_handler<T>(*talk, handler));
    co_await talk->judge();
    if constexpr (!std::is_void_v<T>)
        co_return std::move(*std::get<1>(both));
}

}  // namespace detail

/// Connects the caller to `handler` for a conversation by voice, and returns the handler's result.
///
/// `handler` is called with an AudioLine& and returns an awaitable; the line ends when that ends,
/// and then the call goes on. The channel must have been answered. Sends EXEC AudioSocket, which
/// connects back to this process: the modules app_audiosocket and res_audiosocket must be loaded.
/// Meanwhile Asterisk runs no other command; commands wait, and the caller's keys come by
/// AudioLine::next_key(). The handler is not cancelled when the caller hangs up: its line ends.
///
/// Lifetime: the handler is copied or moved; `call` must outlive this.
/// Throws, when the handler has ended: what it has thrown; an AGIHangup if the caller has hung up;
/// AGIAppError if Asterisk did not connect (refused, or the channel is not answered), ended the
/// audio before the handler did, or has no AudioSocket; AGITimeout if it did not connect in time.
/// Cancellation: all types, forwarded to the handler; when it has ended, throws
/// asio::error::operation_aborted. The line ends, so the session stays in step.
template <class Handler>
[[nodiscard]] auto talk(AGI& call, Handler handler, const AudioOptions& options = AudioOptions()) {
    using Work = std::invoke_result_t<Handler&, AudioLine&>;
    return detail::run_talk<typename Work::value_type>(
        std::make_unique<detail::Talk>(call, options), std::move(handler)
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
