// SPDX-License-Identifier: MIT
// Where Asterisk's audio connections come in, and how each finds the call that waits for it.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/transport.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/talk.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class AudioListener;

/// A call that waits for its audio connection. Used on the call's executor.
struct AudioMeeting {
    explicit AudioMeeting(const asio::any_io_executor& executor)
        : arrived(executor, asio::steady_timer::time_point::max()) {}

    Uuid uuid;
    std::uint16_t port = 0;      // on which Asterisk is expected
    asio::steady_timer arrived;  // cancelled when it is there, or nobody will come
    Descriptor socket;
    std::unique_ptr<Transport> stream;  // in place of a socket, in a test
    bool over = false;                  // nobody will come
    std::shared_ptr<AudioListener> listener;

    bool met() const noexcept { return socket || stream; }
};

/// Listens while a call waits, and not a moment longer. Thread-safe.
///
/// Each connection has to begin with the UUID that a call waits for; a UUID is random, and is
/// forgotten when it has been used, or the call waits no longer.
///
/// Visible outside of a shared library, for the test kit.
class __attribute__((visibility("default"))) AudioRendezvous final
    : public asio::execution_context::service {
public:
    using key_type = AudioRendezvous;
    static inline asio::execution_context::id id;

    explicit AudioRendezvous(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    /// Listens on `address`, on the first port of the range that is free, and expects a connection.
    ///
    /// Throws system_error if none can be had.
    std::shared_ptr<AudioMeeting> expect(
        const asio::any_io_executor& executor,
        const asio::ip::address& address,
        AudioPorts ports
    );
    /// Waits no longer; to be called once, whether or not the connection has come.
    void forget(AudioMeeting& meeting) noexcept;

    AudioRendezvousCounters counters() const;

    /// For tests, before anything is expected: does not listen; connections come by meet().
    void stay_in_memory() noexcept { in_memory_ = true; }
    /// A connection has come with this UUID; false if no call waits for it.
    bool meet(const Uuid& uuid, std::unique_ptr<Transport> stream);

private:
    friend class AudioListener;
    friend class AudioArrival;
    using Place = std::pair<asio::ip::address, std::pair<std::uint16_t, std::uint16_t>>;

    void shutdown() override;
    /// The meeting of this UUID, which is forgotten; null if there is none. The mutex is held.
    std::shared_ptr<AudioMeeting> take(const Uuid& uuid);

    bool in_memory_ = false;
    mutable std::mutex mutex_;  // of what follows
    std::map<Place, std::shared_ptr<AudioListener>> listeners_;
    std::map<Uuid, std::shared_ptr<AudioMeeting>> meetings_;
    AudioRendezvousCounters counters_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
