// SPDX-License-Identifier: MIT
// AudioServer: AudioSocket connections of any dialplan, without AGI.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <spdlog/fwd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// What talks to the caller of one connection; `uuid` is the one that the dialplan has given. The
/// line ends when the awaitable does.
using AudioHandler = std::function<asio::awaitable<void>(AudioLine& line, const Uuid& uuid)>;

/// The options of an AudioServer; docs/security.md lists the limits.
struct AudioServerOptions {
    /// Where to listen, as FastAGIServerOptions::interface.
    std::string interface = "localhost";
    /// TCP port; 0: the system chooses, see AudioServer::port().
    std::uint16_t port = 9092;
    /// Who may connect: addresses and networks in CIDR notation. Other connections are closed.
    std::vector<std::string> allow = {"127.0.0.0/8", "::1"};
    /// Maximum concurrent lines; a further connection is closed once it has identified itself.
    std::size_t max_lines = 1000;
    /// Maximum connections that have not identified themselves; a further one closes the oldest.
    std::size_t max_unidentified = 64;
    /// Maximum concurrent connections per peer address; a further one is closed. `nullopt`: no
    /// limit.
    std::optional<std::size_t> max_connections_per_peer = std::nullopt;
    /// How long a connection may take to send its UUID.
    std::chrono::milliseconds identify_timeout = std::chrono::seconds(2);
    /// How much audio a line keeps in each direction.
    std::chrono::milliseconds buffer = std::chrono::seconds(5);
    /// The version of Asterisk that connects, for AudioLine::write: one that takes 8 kHz only is
    /// sent nothing else. Empty: one that takes all rates.
    std::string asterisk_version = {};
    /// How long handlers may go on after shutdown(). `nullopt`: no limit. Then what they await is
    /// cancelled (terminal).
    std::optional<std::chrono::milliseconds> drain_timeout = std::nullopt;
    /// How long cancelled handlers may clean up; then the server stops waiting for them.
    std::optional<std::chrono::milliseconds> cleanup_timeout = std::chrono::seconds(10);
    /// Makes run() call shutdown() at SIGINT and SIGTERM; at a second one it returns at once.
    bool handle_signals = false;
    /// How long a peer's host may be silent before its connection is given up, as
    /// FastAGIServerOptions::peer_timeout.
    std::chrono::milliseconds peer_timeout = std::chrono::seconds(60);
    /// Where to log. Null: spdlog's default logger. Each line is one line at level info.
    std::shared_ptr<spdlog::logger> logger = nullptr;
    /// Learns when a line begins and ends (on_audio_open, on_audio_closed). Null: nobody.
    std::shared_ptr<Observer> observer = nullptr;
};

/// A snapshot of an AudioServer's counters; each but `lines` counts from its construction on.
struct AudioServerCounters {
    std::uint64_t lines = 0;             ///< Lines at this moment.
    std::uint64_t accepted = 0;          ///< Connections, whatever became of them.
    std::uint64_t accept_errors = 0;     ///< Accepting failed: no descriptors, no memory.
    std::uint64_t refused_address = 0;   ///< Not in Options::allow.
    std::uint64_t refused_per_peer = 0;  ///< Over Options::max_connections_per_peer.
    std::uint64_t too_many = 0;          ///< Over Options::max_unidentified.
    std::uint64_t unidentified = 0;      ///< No UUID in time, or something else.
    std::uint64_t unknown = 0;           ///< No handler for the UUID.
    std::uint64_t busy = 0;              ///< Over Options::max_lines.
    std::uint64_t connected = 0;         ///< Lines that a handler was given.
    std::uint64_t failures = 0;          ///< Handlers that threw.
    std::uint64_t drained = 0;           ///< Lines that ended by themselves after shutdown().
    std::uint64_t drain_cancelled = 0;   ///< Lines that were cancelled at Options::drain_timeout.
    std::uint64_t abandoned = 0;         ///< Lines that even then did not end.
    std::uint64_t lost_samples = 0;      ///< AudioLineCounters::lost_samples of ended lines.
    std::uint64_t skipped_messages = 0;  ///< AudioLineCounters::skipped_messages of ended lines.
    std::uint64_t observer_errors = 0;   ///< Exceptions that left Options::observer.
};

/// A server for AudioSocket connections, which a dialplan makes by AudioSocket(UUID,HOST:PORT) or
/// Dial(AudioSocket/HOST:PORT/UUID/c(slin16)), and ARI by an external media or originated channel.
///
///     agi::AudioServer server;
///     server.register_audio_handler(std::nullopt, echo);
///     server.run();
///
/// It listens from construction on; run() or serve_forever() accepts. An exception that leaves a
/// handler is logged and ends that line only. The caller's hangup ends the line, not the handler.
/// Audio comes at the rate of the channel's format (AudioFrame::sample_rate): 8 kHz from the
/// application.
///
/// Thread safety: shutdown(), port(), counters() and the functions on handlers may be called from
/// any thread.
class AudioServer {
public:
    using Options = AudioServerOptions;  ///< The options.

    /// Listens on an io_context of its own, for run().
    ///
    /// Throws std::system_error when it cannot listen; std::invalid_argument for an invalid entry
    /// in Options::allow, and for a limit of 0 connections.
    explicit AudioServer(Options options = {});
    /// Listens on an executor of yours, for serve_forever(); its context must outlive the server.
    /// If several threads run it, each line runs on a strand of its own.
    AudioServer(asio::any_io_executor executor, Options options, Threads threads = Threads::many);
    /// Stops listening. Lines on an io_context of its own end; on yours they go on.
    ~AudioServer();
    AudioServer(const AudioServer&) = delete;
    AudioServer& operator=(const AudioServer&) = delete;

    /// Serves until shutdown(), then until the lines of that moment have ended, on `threads`
    /// threads (at least 1), of which this is one. Lines take turns on them, and each stays on its
    /// own. May be called once.
    ///
    /// Throws std::logic_error on a server that was given an executor or has run, and
    /// std::invalid_argument for 0 threads.
    void run(std::size_t threads = 1);
    /// Accepts connections until shutdown(); completes when the last line has ended.
    ///
    /// Throws std::logic_error if it has been called before.
    /// Cancellation (terminal): stops accepting and completes at once; lines go on.
    [[nodiscard]] asio::awaitable<void> serve_forever();
    /// Stops listening; lines go on to their end. May be repeated.
    void shutdown();

    std::uint16_t port() const noexcept;            ///< The port it listens on.
    AudioServerCounters counters() const noexcept;  ///< A snapshot of the counters.

    /// Serves the UUIDs that match a pattern, or with std::nullopt those that no pattern matches.
    ///
    /// As with script handlers, the patterns (Boost, Perl's syntax) are tried in the order of
    /// registration, and one must match at the start of the UUID, in lower case, and need not reach
    /// its end: a UUID is a pattern for itself. The same pattern again replaces its handler.
    /// Throws boost::regex_error (a std::runtime_error) for a pattern that is none.
    void register_audio_handler(const std::optional<std::string>& pattern, AudioHandler handler);
    /// Removes a handler; false if there was none. Lines that it has go on.
    bool unregister_audio_handler(const std::optional<std::string>& pattern);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
