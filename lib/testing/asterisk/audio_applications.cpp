// SPDX-License-Identifier: MIT
// The applications that connect the caller's audio to a script: AudioSocket, and Originate of
// ChanSpy.
#include "testing/asterisk/audio_applications.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/audio_leg.hpp"
#include "testing/asterisk/dialplan_applications.hpp"

#include <costrix/agi/audio_frame.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using State = AudioLeg::State;

// AudioSocket(uuid,host:port): the AGI waits until the audio is over.
class AudioSocketTalk final : public RunningCommand {
public:
    AudioSocketTalk(CallState& call, AudioAddress address)
        : RunningCommand(call),
          leg_(call.audio().connect(std::move(address), AudioLeg::Kind::talk)) {}

    void expire() override {}
    void key(char key) override { leg_->key(key); }
    void hang_up() override { end(CommandEnd::result(-1)); }
    void audio() override {
        const auto state = leg_->state();
        if (state == State::open && !std::exchange(begun_, true))
            call().respond_to("AudioSocket");
        if (!leg_->alive())
            end(CommandEnd::result(state == State::ended ? 0 : -1));
    }

private:
    std::shared_ptr<AudioLeg> leg_;
    bool begun_ = false;
};

// Dial(AudioSocket/…): the channel answers at once.
class DialAudioSocket final : public RunningCommand {
public:
    /// `goes_on`: Dial's option g.
    DialAudioSocket(CallState& call, AudioAddress address, unsigned sample_rate, bool goes_on)
        : RunningCommand(call),
          leg_(call.audio().connect(std::move(address), AudioLeg::Kind::dial, sample_rate)),
          goes_on_(goes_on) {}

    void expire() override {}
    void hang_up() override { end(CommandEnd::result(-1)); }
    void audio() override {
        const auto state = leg_->state();
        if (state == State::open && !std::exchange(begun_, true)) {
            call().go_up();
            call().variables()["DIALSTATUS"] = "ANSWER";
            call().respond_to("AudioSocket");
        }
        if (leg_->alive())
            return;
        if (!begun_)
            call().variables()["DIALSTATUS"] = "CHANUNAVAIL";
        end(CommandEnd::result(begun_ && !goes_on_ ? -1 : 0));
    }

private:
    std::shared_ptr<AudioLeg> leg_;
    bool goes_on_;
    bool begun_ = false;
};

/// Of the codec in c(…): slin, slin16 and their like; nullopt for another one.
std::optional<unsigned> rate_of(std::string_view option) {
    if (!option.starts_with("c(") || !option.ends_with(')'))
        return std::nullopt;
    try {
        return agi::AudioFormat(option.substr(2, option.size() - 3)).sample_rate();
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

class OriginateTap final : public RunningCommand {
public:
    OriginateTap(CallState& call, Tap tap)
        : RunningCommand(call), leg_(call.audio().connect(
                                    std::move(tap.address),
                                    tap.whispers ? AudioLeg::Kind::whisper : AudioLeg::Kind::listen,
                                    tap.sample_rate
                                )),
          known_(tap.unique_id == call.data().unique_id) {}

    void expire() override {}
    void hang_up() override { end(CommandEnd::result(-1)); }
    // ChanSpy of a channel that does not exist ends at once.
    void audio() override {
        if (leg_->state() == State::connecting)
            return;
        call().variables()["ORIGINATE_STATUS"] = leg_->alive() ? "SUCCESS" : "CONGESTION";
        if (leg_->alive() && !known_)
            leg_->close();
        end(CommandEnd::result(0));
    }

private:
    std::shared_ptr<AudioLeg> leg_;
    bool known_;
};

}  // namespace

// A channel that is not up, or arguments that are wrong: -1, and the call lives.
Outcome app_audio_socket(CallState& call, const std::string& arguments) {
    auto address = AudioAddress::parse(argument(arguments, 1), argument(arguments, 0));
    if (!address || !call.answered() || call.hung_up())
        return CommandEnd::result(-1);
    return std::make_unique<AudioSocketTalk>(call, std::move(*address));
}

// AudioSocket/HOST:PORT/UUID/c(slin16),timeout,options
std::optional<Outcome> dial_audio_socket(CallState& call, const std::string& arguments) {
    auto destination = parse_audio_channel(argument(arguments, 0));
    if (!destination)
        return std::nullopt;
    const bool goes_on = argument(arguments, 2).find('g') != std::string::npos;
    return std::make_unique<DialAudioSocket>(
        call, std::move(destination->address), destination->sample_rate, goes_on
    );
}

Outcome app_play_tones(CallState& call, const std::string& /*arguments*/) {
    call.audio().caller().play_tones(true);
    return CommandEnd::result(0);
}

Outcome app_stop_play_tones(CallState& call, const std::string& /*arguments*/) {
    call.audio().caller().play_tones(false);
    return CommandEnd::result(0);
}

// AudioSocket/HOST:PORT/UUID/c(slin)
std::optional<AudioChannel> parse_audio_channel(std::string_view destination) {
    constexpr std::string_view kTechnology = "AudioSocket/";
    if (!destination.starts_with(kTechnology))
        return std::nullopt;
    const auto where = destination.substr(kTechnology.size());
    const auto first = where.find('/');
    if (first == std::string_view::npos)
        return std::nullopt;
    const auto second = std::min(where.find('/', first + 1), where.size());
    auto address =
        AudioAddress::parse(where.substr(0, first), where.substr(first + 1, second - first - 1));
    const auto rate = rate_of(where.substr(std::min(second + 1, where.size())));
    if (!address || !rate)
        return std::nullopt;
    return AudioChannel{std::move(*address), *rate};
}

// AudioSocket/HOST:PORT/UUID/c(slin),app,ChanSpy,UNIQUEID\,OPTIONS
std::optional<Tap> parse_tap(const std::string& arguments) {
    const auto pieces = split_arguments(arguments);
    if (pieces.size() < 4 || lower(pieces[1]) != "app" || lower(pieces[2]) != "chanspy")
        return std::nullopt;
    auto channel = parse_audio_channel(pieces[0]);
    if (!channel)
        return std::nullopt;
    const auto comma = std::min(pieces[3].find(','), pieces[3].size());
    const bool whispers = pieces[3].find('w', comma) != std::string::npos;
    return Tap{
        std::move(channel->address), pieces[3].substr(0, comma), whispers, channel->sample_rate};
}

Outcome app_originate(CallState& call, const std::string& arguments) {
    auto tap = parse_tap(arguments);
    return std::make_unique<OriginateTap>(call, std::move(tap.value()));
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
