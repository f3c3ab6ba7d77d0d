// SPDX-License-Identifier: MIT
// talk(): two-way audio in a call, by Asterisk's application AudioSocket.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/asio.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What has happened on the audio ports of an event loop.
struct AudioRendezvousCounters {
    std::uint64_t connected = 0;     ///< Connections that found their call.
    std::uint64_t unidentified = 0;  ///< Closed: no UUID in 2 s, or before they closed.
    std::uint64_t unknown = 0;       ///< Closed: no call waits for that UUID, or any longer.
    std::uint64_t too_many = 0;      ///< Closed without a UUID: 64 newer ones had come.
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
