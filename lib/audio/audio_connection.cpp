// SPDX-License-Identifier: MIT
// One audio connection from Asterisk: what comes, what is sent and when, how it ends.
#include "audio/audio_connection.hpp"

#include "transport/without_strand.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using Time = TimerWheel::Clock::time_point;
using Event = AudioMessageReader::Event;
using Kind = AudioMessage::Kind;

/// Of what Asterisk sends: 2 s at 8 kHz.
constexpr std::size_t kMaxPayload = 32768;

constexpr std::array<std::int16_t, 160> kSilence{};

/// The next time at which the wheel can wake.
Time next_tick(Time now) noexcept {
    return Time((now.time_since_epoch() / TimerWheel::kTick + 1) * TimerWheel::kTick);
}

}  // namespace

AudioConnection::AudioConnection(
    std::unique_ptr<Transport> transport,
    std::chrono::nanoseconds buffer,
    Output output
)
    : transport_(std::move(transport)),
      registry_(asio::use_service<ConnectionRegistry>(transport_->get_executor().context())),
      wheel_(asio::use_service<TimerWheel>(transport_->get_executor().context())),
      reader_(kMaxPayload), input_(buffer), output_(buffer), clock_(next_tick(wheel_.now())),
      heard_(transport_->get_executor()), pressed_(transport_->get_executor()),
      moved_(transport_->get_executor()) {
    if (output == Output::whispered)
        whisper_.emplace();
}

AudioConnection::~AudioConnection() {
    leave();
}

void AudioConnection::start() {
    const auto self = shared_from_this();
    registry_.add(*this);
    wheel_.enter();
    state_ = State::open;
    wheel_.arm(*this, clock_.next(), transport_->get_executor());
    transport_->start(*this, self);
}

/// Calls `tell` with the report, if there is one, and how long it is until the next message.
template <class Tell>
void AudioConnection::report(Tell tell) {
    if (report_)
        tell(*report_, std::chrono::nanoseconds(clock_.next() - wheel_.now()));
}

void AudioConnection::report_to(std::unique_ptr<AudioReport> report_of_call) noexcept {
    report_ = std::move(report_of_call);
    report([](AudioReport& told, auto before_next) { told.opened(before_next); });
}

// --- how it ends ---------------------------------------------------------------------------------

/// A connection that is closed with something unread is reset, which Asterisk takes for a failure.
/// So what still comes is read and dropped until Asterisk closes.
void AudioConnection::stop() noexcept {
    if (state_ != State::open)
        return;
    const auto self = shared_from_this();
    state_ = State::ending;
    ended_here_ = true;
    give_up_ = wheel_.now() + kMaxEnding;
    report([](AudioReport& told, auto before_next) { told.ended(true, before_next); });
    wake_all();
    try {
        append_end(unsent_);
        flush();
    } catch (...) {
        finish("out of memory");
    }
}

void AudioConnection::end() noexcept {
    stop();
    if (ended_here_)
        input_.clear();
}

void AudioConnection::finish(std::string_view why) noexcept {
    if (state_ == State::over)
        return;
    const auto self = shared_from_this();
    try {
        if (!ended_here_)
            fault_ = why;
    } catch (...) {  // it ends without a reason
    }
    if (!ended_here_)
        report([](AudioReport& told, auto before_next) { told.ended(false, before_next); });
    leave();
    transport_->close();
    wake_all();
}

void AudioConnection::leave() noexcept {
    if (std::exchange(state_, State::over) == State::over)
        return;
    registry_.remove(*this);
    wheel_.leave(*this);
}

/// The execution context is being destroyed.
void AudioConnection::let_go() noexcept {
    const auto self = weak_from_this().lock();
    leave();
    transport_->close();
    heard_.drop();
    pressed_.drop();
    moved_.drop();
}

// --- what comes ----------------------------------------------------------------------------------

void AudioConnection::on_read(error_code error, std::string_view bytes) {
    const auto self = shared_from_this();
    if (error)
        finish(error == asio::error::eof ? "Asterisk closed it" : error.message());
    else if (state_ == State::open)
        receive(bytes);
    if (!input_.empty())
        heard_.notify();
}

void AudioConnection::receive(std::string_view bytes) {
    while (state_ == State::open) {
        switch (reader_.next(bytes)) {
        case Event::need_more:
            return;
        case Event::message:
            take(reader_.message());
            break;
        case Event::invalid:
            finish("Asterisk sent " + reader_.fault());
            break;
        }
    }
}

void AudioConnection::take(const AudioMessage& message) {
    report([&](AudioReport& told, auto before_next) { told.received(message, before_next); });
    switch (message.kind) {
    case Kind::audio:
        input_.add_audio(message);
        break;
    case Kind::key:
        input_.add_key(message.key());
        wake(pressed_);
        break;
    case Kind::end:
        finish("Asterisk ended it");
        break;
    case Kind::error:
        finish("Asterisk reported an error");
        break;
    case Kind::uuid:
        finish("Asterisk identified itself again");
        break;
    case Kind::unknown:
        ++counters_.unknown_messages;
        break;
    }
}

// --- what is sent --------------------------------------------------------------------------------

std::size_t AudioConnection::clear() noexcept {
    const auto self = shared_from_this();
    ++clears_;
    wake(moved_);
    return output_.clear();
}

AudioLineCounters AudioConnection::counters() const noexcept {
    auto counted = counters_;
    counted.lost_samples = input_.lost();
    return counted;
}

/// Called on the wheel's thread, which is this connection's own unless that is on a strand.
void AudioConnection::on_expired() noexcept {
    const auto& executor = transport_->get_executor();
    if (runs_in_this_thread(executor))
        return tick();  // as dispatch() does, which costs more
    try {
        asio::dispatch(executor, [self = shared_from_this()]() noexcept { self->tick(); });
    } catch (...) {
        wheel_.arm(*this, wheel_.now(), executor);  // tries again in the next turn
    }
}

void AudioConnection::tick() noexcept {
    try {
        const auto now = wheel_.now();
        if (state_ == State::open)
            send_due(now);
        else if (clock_.take(now); now >= give_up_)
            finish("Asterisk did not close it");
        else
            flush();
        if (state_ != State::over)
            wheel_.arm(*this, clock_.next(), transport_->get_executor());
    } catch (...) {
        finish("out of memory");
    }
}

void AudioConnection::send_due(Time now) {
    const auto late = std::max(now - clock_.next(), Time::duration());
    counters_.max_lateness = std::max<std::chrono::nanoseconds>(counters_.max_lateness, late);
    const auto due = clock_.take(now);
    if (whisper_)
        whisper(due.messages + due.skipped);
    else
        play(due);
    wake(moved_);  // the other lines' messages go first
}

/// Silence is not caught up: it would delay what is said next.
void AudioConnection::play(PlayoutClock::Due due) {
    while (due.messages > 0) {
        if (!flush()) {
            due.skipped += due.messages;
            break;
        }
        report([](AudioReport& told, auto) { told.pass(1); });
        if (!take_sound()) {
            append_audio(unsent_, kSilence);
            due.messages = 1;
        }
        flush();
        --due.messages;
    }
    counters_.skipped_messages += static_cast<std::uint64_t>(due.skipped);
}

void AudioConnection::whisper(std::int64_t slots) {
    report([slots](AudioReport& told, auto) { told.pass(slots); });
    const auto missed = whisper_->pass(slots);
    if (speaking_)
        counters_.skipped_messages += static_cast<std::uint64_t>(missed);
    while (whisper_->may_send() && flush()) {
        speaking_ = take_sound();
        if (!speaking_)
            return;
        whisper_->sent();
    }
    flush();
}

/// The next message, where all before it are sent; false if silence is due.
bool AudioConnection::take_sound() {
    if (!output_.take_message(unsent_))
        return false;
    report([this](AudioReport& told, auto) { told.sent(unsent_); });
    return true;
}

/// Sends what is left of a message; false if Asterisk takes no more now, or the line is over.
bool AudioConnection::flush() {
    while (!unsent_.empty()) {
        error_code error;
        const auto size = transport_->write_some(unsent_, error);
        if (error) {
            unsent_.clear();
            finish(error.message());
            return false;
        }
        if (size == 0)
            return false;
        unsent_.erase(0, size);
    }
    return state_ != State::over;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
