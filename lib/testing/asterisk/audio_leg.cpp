// SPDX-License-Identifier: MIT
// One audio connection that the simulated Asterisk makes to a script.
#include "testing/asterisk/audio_leg.hpp"

#include "protocol/ascii.hpp"
#include "testing/recorded_audio.hpp"

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using Read = agi::AudioMessageReader::Event;

/// ChanSpy's frames, whatever the caller's phone sends.
constexpr AudioLeg::Time kChanSpyFrame = std::chrono::milliseconds(20);
/// ChanSpy listens so long after it was connected, and its queue is so long.
constexpr AudioLeg::Time kDeaf = std::chrono::milliseconds(100);
constexpr AudioLeg::Time kWhisperQueue = std::chrono::milliseconds(100);
/// What Asterisk queues of a talk before it drops sound.
constexpr AudioLeg::Time kTalkQueue = std::chrono::seconds(2);

}  // namespace

std::optional<AudioAddress> AudioAddress::parse(std::string_view where, std::string_view uuid) {
    const auto colon = where.rfind(':');
    const auto id = agi::Uuid::parse(uuid);
    if (colon == std::string_view::npos || colon == 0 || !id)
        return std::nullopt;
    const auto port = agi::detail::to_number<std::uint16_t>(where.substr(colon + 1));
    auto host = where.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (!port || host.empty())
        return std::nullopt;
    return AudioAddress{std::string(host), *port, *id};
}

std::string AudioAddress::where() const {
    const bool brackets = host.find(':') != std::string::npos;
    return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

AudioLeg::AudioLeg(
    std::shared_ptr<CallerAudio> caller,
    AudioAddress address,
    Kind kind,
    unsigned sample_rate
)
    : caller_(std::move(caller)), address_(std::move(address)), kind_(kind),
      sample_rate_(sample_rate), last_message_(caller_->now) {}

// --- the driver's side ---------------------------------------------------------------------------

void AudioLeg::connected() {
    if (state_ != State::connecting)
        return;
    state_ = State::open;
    agi::append_uuid(output_, address_.uuid);
    const auto now = last_message_ = caller_->now;
    listens_ = now + kDeaf;
    const auto packet = caller_->phone.packet;
    next_frame_ = alone() ? (now / packet + 1) * packet : now + kChanSpyDelay;
    tell();
}

void AudioLeg::refused() {
    if (state_ != State::connecting)
        return;
    end(State::refused, "nobody listens there");
    tell();
}

void AudioLeg::receive(std::string_view bytes) {
    while (state_ == State::open) {
        switch (reader_.next(bytes)) {
        case Read::need_more:
            return;
        case Read::message:
            take(reader_.message());
            break;
        case Read::invalid:
            end(State::failed, "the script sent " + reader_.fault());
            break;
        }
    }
    tell();
}

void AudioLeg::take(const agi::AudioMessage& message) {
    switch (message.kind) {
    case agi::AudioMessage::Kind::audio:
        last_message_ = caller_->now;
        ++frames_;
        if (recording_)
            recording_->hear(message);
        play(message);
        break;
    case agi::AudioMessage::Kind::end:
        end(State::ended, "the script ended it");
        break;
    default:
        end(State::failed, "the script sent a message that only Asterisk may send");
        break;
    }
}

/// A whisper is mixed into what Asterisk plays; where it plays nothing, nobody hears it.
void AudioLeg::play(const agi::AudioMessage& message) {
    const bool whispers = !alone();
    if (whispers && (kind_ == Kind::listen || caller_->now < listens_))
        return;
    if (whispers && !caller_->carries_whisper())
        return;
    if (!caller_->keeps || caller_->queued() > (whispers ? kWhisperQueue : kTalkQueue))
        return;
    played_.clear();
    message.append_samples_to(played_);
    caller_->hear(played_, message.sample_rate);
}

void AudioLeg::peer_closed() {
    if (state_ == State::connecting)
        return refused();
    if (state_ != State::open)
        return;
    end(State::ended, "the script closed it");
    tell();
}

std::string AudioLeg::take_output() {
    return std::exchange(output_, {});
}

// --- Asterisk's side -----------------------------------------------------------------------------

std::optional<AudioLeg::Time> AudioLeg::next_due() const {
    if (state_ == State::connecting)
        return last_message_ + kPatience;
    if (state_ != State::open)
        return std::nullopt;
    if (kind_ != Kind::talk)
        return frame_due();
    return std::min(frame_due().value_or(Time::max()), last_message_ + kPatience);
}

void AudioLeg::act() {
    const auto now = caller_->now;
    if (!alive())
        return;
    if (const auto due = frame_due(); state_ == State::open && due && *due <= now)
        recording_ ? send_recorded() : send_frame();
    if (now < last_message_ + kPatience)
        return;
    if (state_ == State::connecting)
        end(State::refused, "nobody answers there");
    else if (kind_ == Kind::talk)
        end(State::failed, "neither side sent anything for 2 s");
}

void AudioLeg::send_frame() {
    const auto length = alone() ? caller_->phone.packet : kChanSpyFrame;
    spoken_.resize(static_cast<std::size_t>(length / kSample));
    if (caller_->speak(*next_frame_, spoken_)) {
        agi::append_audio(output_, at_sample_rate(spoken_), sample_rate_);
        last_message_ = caller_->now;
    }
    *next_frame_ += length;
}

/// What was spoken at 8 kHz, at the rate of this connection.
std::span<const std::int16_t> AudioLeg::at_sample_rate(std::span<const std::int16_t> spoken) {
    if (sample_rate_ == kCallerRate)
        return spoken;
    frame_.resize(spoken.size() * sample_rate_ / kCallerRate);
    for (std::size_t i = 0; i < frame_.size(); ++i)
        frame_[i] = spoken[i * kCallerRate / sample_rate_];
    return frame_;
}

void AudioLeg::follow(std::shared_ptr<ReplayedAudio> recording) {
    recording_ = std::move(recording);
}

void AudioLeg::send_recorded() {
    if (!recording_->send_due(caller_->now, output_))
        return close();
    last_message_ = caller_->now;
}

std::optional<AudioLeg::Time> AudioLeg::frame_due() const {
    return recording_ ? recording_->next_due() : next_frame_;
}

/// ChanSpy's channel has no keys: they go to the AGI.
void AudioLeg::key(char key) {
    if (kind_ == Kind::talk && state_ == State::open)
        agi::append_key(output_, key);
}

void AudioLeg::hang_up() {
    if (alone())
        close();
    next_frame_.reset();
    if (recording_)
        recording_->stop();
}

void AudioLeg::close() {
    if (alive())
        end(State::closed, "Asterisk ended it");
}

void AudioLeg::end(State state, std::string why) {
    state_ = state;
    why_ = std::move(why);
}

void AudioLeg::tell() {
    if (caller_->changed)
        caller_->changed();
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
