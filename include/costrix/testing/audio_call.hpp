// SPDX-License-Identifier: MIT
// A simulated caller for what an AudioServer serves: audio without AGI.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/place_call.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

/// A handler of an AudioServer: the same type as agi::AudioHandler.
using AudioHandler = std::function<asio::awaitable<void>(agi::AudioLine& line, const agi::Uuid&)>;

/// How a dialplan connects a call to an AudioServer. Every setter returns the options themselves.
class AudioCallOptions {
public:
    AudioCallOptions() {}

    /// The UUID that it has made for the call.
    AudioCallOptions& uuid(const agi::Uuid& uuid) {
        uuid_ = uuid;
        return *this;
    }
    /// A format of AudioFormat, such as "slin16": by Dial(AudioSocket/…/c(slin16)). Empty, the
    /// default: by the application AudioSocket, at 8 kHz.
    AudioCallOptions& format(std::string name) {
        format_ = std::move(name);
        return *this;
    }
    /// Maximum real time of run_audio_call(), during which the handler may wait for threads or
    /// timers of its own; 5 s by default.
    AudioCallOptions& patience(std::chrono::milliseconds time) {
        patience_ = time;
        return *this;
    }

    const agi::Uuid& uuid() const noexcept { return uuid_; }          ///< The UUID.
    const std::string& format() const noexcept { return format_; }    ///< The format's name.
    std::chrono::milliseconds patience() const { return patience_; }  ///< The maximum real time.

private:
    agi::Uuid uuid_;
    std::string format_;
    std::chrono::milliseconds patience_ = std::chrono::seconds(5);
};

/// Connects a simulated caller to a handler as AudioServer does, in memory and in virtual time, and
/// returns the FakeAsterisk in its final state: heard(), events(), now().
///
///     Scenario scenario;
///     scenario.speak_during("AudioSocket", noise(1s), 500ms).hang_up_after(3s);
///     EXPECT_EQ(run_audio_call(scenario, echo).heard().find(noise(1s)), 530ms);
///
/// The call is answered, and the line begins at 0. The prompt AudioSocket (Scenario::press_during)
/// is its beginning. After a hangup the handler may go on.
/// Throws: any exception of the handler; std::runtime_error if it does not end;
/// std::invalid_argument if the format is none.
FakeAsterisk run_audio_call(
    Scenario scenario,
    const AudioHandler& handler,
    const AudioCallOptions& options = AudioCallOptions()
);

/// The same with a running AudioServer, over TCP and in real time; completes when the line is over.
///
/// Throws: std::runtime_error if the server could not be reached; std::invalid_argument if the
/// format is none.
/// Cancellation (terminal): closes the connection.
[[nodiscard]] asio::awaitable<FakeAsterisk> place_audio_call(
    Scenario scenario,
    CallTarget target,
    AudioCallOptions options = AudioCallOptions()
);

}  // namespace costrix::inline COSTRIX_ABI::testing
