// SPDX-License-Identifier: MIT
// The setters of Scenario: what the caller does.
#include <costrix/testing/scenario.hpp>

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

using namespace std::chrono_literals;

Scenario&
Scenario::press(std::string_view keys, std::chrono::nanoseconds at, std::chrono::nanoseconds gap) {
    for (const char key : keys) {
        data_.timed.push_back({detail::TimedAction::Kind::key, at, std::string(1, key)});
        at += gap;
    }
    return *this;
}

Scenario& Scenario::press_during(
    std::string prompt,
    std::string keys,
    std::chrono::nanoseconds first_after,
    std::chrono::nanoseconds gap
) {
    data_.responses[std::move(prompt)].push_back({std::move(keys), first_after, gap});
    return *this;
}

Scenario& Scenario::key_length(std::chrono::nanoseconds length) {
    return set(data_.key_length, length);
}

Scenario& Scenario::send_text(std::string message, std::chrono::nanoseconds at) {
    data_.timed.push_back({detail::TimedAction::Kind::text, at, std::move(message)});
    return *this;
}

Scenario& Scenario::send_text_when_asked(std::string message, std::chrono::nanoseconds after) {
    data_.messages.push_back({std::move(message), after, {}});
    return *this;
}

Scenario& Scenario::talks_for(std::chrono::nanoseconds duration) {
    data_.talking = duration;
    return set(data_.answer_delay, {});
}

Scenario& Scenario::speak(Waveform sound, std::chrono::nanoseconds at) {
    data_.spoken.emplace_back(at, std::move(sound));
    return *this;
}

Scenario&
Scenario::speak_during(std::string prompt, Waveform sound, std::chrono::nanoseconds first_after) {
    data_.spoken_during[std::move(prompt)].emplace_back(first_after, std::move(sound));
    return *this;
}

Scenario& Scenario::packets(std::chrono::nanoseconds length) {
    constexpr auto kMost = std::chrono::seconds(1);
    if (length < 125us || length > kMost)
        throw std::invalid_argument("packets of 0.125 ms to 1 s");
    return set(data_.packet_length, length / 125us * 125us);
}

Scenario& Scenario::suppresses_silence() {
    return set(data_.suppresses_silence, true);
}

Scenario&
Scenario::says(std::string text, int score, std::string grammar, std::chrono::nanoseconds after) {
    data_.utterances.push_back({std::move(text), score, std::move(grammar), after});
    return *this;
}

Scenario& Scenario::hang_up_after(std::chrono::nanoseconds at) {
    data_.timed.push_back({detail::TimedAction::Kind::hangup, at, {}});
    return *this;
}

Scenario& Scenario::hang_up_during(std::string prompt, std::chrono::nanoseconds after) {
    data_.hangups[std::move(prompt)] = after;
    return *this;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
