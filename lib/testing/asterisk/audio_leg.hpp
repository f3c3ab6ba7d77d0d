// SPDX-License-Identifier: MIT
// One audio connection that the simulated Asterisk makes to a script.
#pragma once

#include "testing/asterisk/caller_audio.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// Where an audio connection goes to.
struct AudioAddress {
    std::string host;
    std::uint16_t port = 0;
    agi::Uuid uuid;

    /// HOST:PORT, the host in brackets if it is IPv6; nullopt for anything else.
    static std::optional<AudioAddress> parse(std::string_view where, std::string_view uuid);
    /// HOST:PORT.
    std::string where() const;
};

class ReplayedAudio;

/// One audio connection. A driver moves its bytes, as it does the session's.
class AudioLeg {
public:
    using Time = std::chrono::nanoseconds;
    enum class Kind {
        talk,     ///< EXEC AudioSocket
        listen,   ///< ChanSpy
        whisper,  ///< ChanSpy, with its option w
        dial,     ///< Dial(AudioSocket/…)
    };
    enum class State {
        connecting,
        open,
        refused,  ///< the server could not be reached
        ended,    ///< the server has ended it
        failed,   ///< the server has sent what it may not, or nobody has sent anything for 2 s
        closed,   ///< Asterisk has ended it
    };
    /// How long Asterisk tries to connect, and how long it waits for a frame.
    static constexpr Time kPatience = std::chrono::seconds(2);
    /// From the connection to ChanSpy's first frame.
    static constexpr Time kChanSpyDelay = std::chrono::milliseconds(122);

    /// `sample_rate`: of what Asterisk sends.
    AudioLeg(
        std::shared_ptr<CallerAudio> caller,
        AudioAddress address,
        Kind kind,
        unsigned sample_rate
    );

    // --- for the driver; what changes by it is told to CallerAudio::changed ---
    const AudioAddress& address() const noexcept { return address_; }
    void connected();
    void refused();
    void receive(std::string_view bytes);
    /// The server has closed the connection.
    void peer_closed();
    std::string take_output();
    /// Messages with sound that the server has sent.
    std::uint64_t frames() const noexcept { return frames_; }
    /// Whether it is connecting or open.
    bool alive() const noexcept { return state_ == State::connecting || state_ == State::open; }

    // --- for the simulation ---
    /// Before it is connected: a recording says what Asterisk sends, in place of the caller.
    void follow(std::shared_ptr<ReplayedAudio> recording);
    State state() const noexcept { return state_; }
    Kind kind() const noexcept { return kind_; }
    /// Why it is over.
    const std::string& why() const noexcept { return why_; }
    /// When something falls due.
    std::optional<Time> next_due() const;
    /// The time has come, by the caller's clock.
    void act();
    void key(char key);
    /// The caller has hung up: a talk ends, ChanSpy stays and hears nothing.
    void hang_up();
    /// Asterisk ends it.
    void close();

private:
    void take(const agi::AudioMessage& message);
    void play(const agi::AudioMessage& message);
    void send_frame();
    std::span<const std::int16_t> at_sample_rate(std::span<const std::int16_t> spoken);
    std::optional<Time> frame_due() const;
    /// Whether it is all that the caller hears.
    bool alone() const noexcept { return kind_ == Kind::talk || kind_ == Kind::dial; }
    void send_recorded();
    void end(State state, std::string why);
    void tell();

    std::shared_ptr<CallerAudio> caller_;
    AudioAddress address_;
    Kind kind_;
    unsigned sample_rate_;
    State state_ = State::connecting;
    agi::AudioMessageReader reader_;
    std::uint64_t frames_ = 0;
    std::string output_;
    std::string why_;
    std::shared_ptr<ReplayedAudio> recording_;  // null without one
    std::optional<Time> next_frame_;
    Time listens_{};       // ChanSpy: from when on it does
    Time last_message_{};  // in either direction, or the beginning
    std::vector<std::int16_t> spoken_, frame_, played_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
