// SPDX-License-Identifier: MIT
// The caller's audio while commands run: ChanSpy on the call's channel, sent to us.
#include "audio/audio_tap.hpp"

#include "audio/audio_invitation.hpp"
#include "audio/command_effect.hpp"
#include "audio/sample_rates.hpp"

#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/exceptions.hpp>

#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// What Originate makes: an AudioSocket channel to us that runs ChanSpy on the call's channel: the
/// one with this id (u), what comes from it only (o), no beep (q), until it ends (E), whispering
/// (w). No CDR is written for it. Of the two formats, c() is AudioSocket's, and C() is ChanSpy's.
std::string
originate(const AudioInvitation& invitation, std::string_view id, const AudioOptions& options) {
    const AudioFormat format(options.rate());
    std::string text = "AudioSocket/" + invitation.where() + '/' + invitation.uuid();
    text.append("/c(").append(format.name()).append("),app,ChanSpy,").append(id);
    text.append(options.speak() ? "\\,uoqwE" : "\\,uoqE").append(",,5,v(CDR_PROP(disable)=1)");
    if (options.rate() != AudioFormat().sample_rate())
        text.append("C(").append(format.name()).append(")");
    return text;
}

std::string failure(const AudioInvitation& invitation, std::string_view status) {
    std::string why = "Asterisk did not connect its audio to " + invitation.where();
    return why.append(" (ORIGINATE_STATUS is ").append(status).append(")");
}

void refuse_second(AGI& call) {
    if (!session_of(call).watcher().expired())
        throw AGIAppError("the call's audio is open already");
}

}  // namespace

/// Closes the tap when the call is over: after the hangup, at the end of the handler, or when the
/// execution context is destroyed.
class EndOfCall {
public:
    EndOfCall(
        std::weak_ptr<AudioTap> tap,
        std::shared_ptr<asio::cancellation_signal> signal
    ) noexcept
        : tap_(std::move(tap)), signal_(std::move(signal)) {}
    EndOfCall(EndOfCall&&) noexcept = default;
    EndOfCall& operator=(EndOfCall&&) = delete;
    ~EndOfCall() {
        if (const auto tap = tap_.lock())
            tap->leave();
    }
    void operator()(error_code) noexcept {}

private:
    std::weak_ptr<AudioTap> tap_;
    std::shared_ptr<asio::cancellation_signal> signal_;  // whose slot the wait uses to its end
};

AudioTap::AudioTap(
    AGI& call,
    std::shared_ptr<AudioConnection> connection,
    const AudioOptions& options
)
    : session_(session_of(call)), call_(&call), connection_(std::move(connection)),
      format_(options.rate()), while_connected_(options.while_connected()) {
    if (options.speak())
        line_.emplace(connection_, takes_all_audio_rates(call.environment().version()));
}

AudioTap::~AudioTap() {
    close();
}

void AudioTap::start() {
    refuse_second(*call_);
    const auto self = std::static_pointer_cast<AudioTap>(shared_from_this());
    session_.watcher() = self;
    hangup_wait_ = std::make_shared<asio::cancellation_signal>();
    call_->async_wait_for_hangup(
        asio::bind_cancellation_slot(hangup_wait_->slot(), EndOfCall(self, hangup_wait_))
    );
    fed_ = line_.has_value();
    session_.tell_audio(nullptr);
    connection_->report_to(AudioReport::to_observer_of(session_));
}

void AudioTap::close() noexcept {
    if (!call_)
        return;
    if (fed_ && connection_->open())
        feed(false);
    if (const auto wait = leave())
        wait->emit(asio::cancellation_type::terminal);
}

/// Watches no longer, so that another tap may; the session can be in its destructor.
std::shared_ptr<asio::cancellation_signal> AudioTap::leave() noexcept {
    auto wait = std::exchange(hangup_wait_, nullptr);
    if (wait) {
        session_.watcher().reset();
        connection_->stop();
        connection_->report_to(nullptr);
        const auto counters = connection_->counters();
        session_.tell_audio(&counters);
    }
    call_ = nullptr;
    connection_->stop();
    return wait;
}

asio::awaitable<AudioFrame*> AudioTap::read(AudioFrame& frame) {
    return AudioConnection::read(connection_, frame);
}

// --- the caller's channel is kept fed ------------------------------------------------------------

void AudioTap::before(std::string_view line) noexcept {
    ++commands_;
    if (feeding_ || !call_)
        return;
    const auto effect = effect_of(line);
    if (effect == CommandEffect::connects && !while_connected_)
        return close();
    if (!line_)
        return;
    if (effect == CommandEffect::prompt)
        fed_ = false;
    else if (fed_ != (effect == CommandEffect::none))
        feed(!fed_);
}

void AudioTap::after() noexcept {
    if (commands_ > 0)
        --commands_;
    if (commands_ == 0 && call_ && line_ && !fed_)
        feed(true);
}

/// The reply does not matter: what can be done when it fails is nothing.
void AudioTap::feed(bool on) noexcept {
    fed_ = on;
    if (call_->hung_up() || !connection_->open())
        return;
    feeding_ = true;
    try {
        const auto ignore = [](error_code, const Exec::Result&) {};
        if (on)
            call_->async_execute(Exec("PlayTones", "0"), ignore);
        else
            call_->async_execute(Exec("StopPlayTones"), ignore);
    } catch (...) {  // no memory
    }
    feeding_ = false;
}

// --- how it begins -------------------------------------------------------------------------------

asio::awaitable<std::shared_ptr<AudioSource>> open_tap(AGI& call, AudioOptions options) {
    refuse_second(call);
    check_sample_rate(options.rate(), takes_all_audio_rates(call.environment().version()));
    const auto id = call.environment().unique_id();
    if (id.empty())
        throw AGIAppError("Asterisk has not said which channel this is (agi_uniqueid)");
    AudioInvitation invitation(call, options);
    const auto exec = Exec::raw("Originate", originate(invitation, id, options));
    co_await call.execute(exec);
    if (!invitation.met()) {
        const auto status = co_await call.execute(GetVariable("ORIGINATE_STATUS"));
        if (status != "SUCCESS")
            throw AGIAppError(failure(invitation, status.value_or("not set")));
    }
    using Output = AudioConnection::Output;
    auto connection = co_await invitation.wait(Output::whispered);
    auto tap = std::make_shared<AudioTap>(call, std::move(connection), options);
    tap->start();
    const auto silence = Exec("PlayTones", "0");
    if (options.speak())
        co_await call.execute(silence);
    co_return tap;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
