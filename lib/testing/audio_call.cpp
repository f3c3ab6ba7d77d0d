// SPDX-License-Identifier: MIT
// A simulated caller for what an AudioServer serves: in memory and over TCP.
#include "audio/audio_connection.hpp"
#include "testing/jumping_clock.hpp"
#include "testing/live_audio.hpp"
#include "testing/memory_audio.hpp"
#include "testing/memory_transport.hpp"

#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/testing/audio_call.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

using agi::detail::AudioConnection;
using detail::AudioLeg;
using detail::MemoryTransport;
using detail::SharedTransport;
using std::chrono::nanoseconds;

/// How much audio a line keeps, as AudioServerOptions::buffer.
constexpr std::chrono::seconds kBuffer(5);

/// What the dialplan does, as the command of a script.
std::string command_to(const std::string& where, const AudioCallOptions& options) {
    const auto uuid = options.uuid().to_string();
    if (options.format().empty())
        return "EXEC \"AudioSocket\" \"" + uuid + ',' + where + "\"\n";
    const agi::AudioFormat format(options.format());
    return "EXEC \"Dial\" \"AudioSocket/" + where + '/' + uuid + "/c(" +
           std::string(format.name()) + ")\"\n";
}

FakeAsterisk dialplan(Scenario scenario) {
    return FakeAsterisk(std::move(scenario.answered()));
}

/// As AudioServer runs a handler.
asio::awaitable<void> serve(
    std::shared_ptr<AudioConnection> connection,
    AudioHandler handler,
    agi::Uuid uuid,
    bool all_rates
) {
    agi::AudioLine line(std::move(connection), all_rates);
    auto work = handler(line, uuid);
    co_await std::move(work);
}

/// One handler and one caller.
class AudioCallRunner final : public detail::JumpingClock {
public:
    AudioCallRunner(FakeAsterisk& asterisk, const AudioHandler& handler)
        : asterisk_(asterisk), handler_(handler),
          earliest_(context(), asio::steady_timer::time_point::max() - std::chrono::hours(1)) {}

    /// False if the handler did not end.
    bool run(const AudioCallOptions& options, bool all_rates) {
        asterisk_.receive(command_to("server:1", options));
        connect(options.uuid(), all_rates);
        run_for(options.patience());
        const bool ended = ended_;
        if (!ended)
            cancel_.emit(asio::cancellation_type::terminal);
        earliest_.cancel();
        transport_->close();
        run_out();
        return ended;
    }
    const std::exception_ptr& error() const noexcept { return error_; }

private:
    void connect(const agi::Uuid& uuid, bool all_rates) {
        transport_ = std::make_shared<MemoryTransport>(context().get_executor());
        earliest_.async_wait([](error_code) {});  // as in MemoryAudio
        leg_ = asterisk_.take_audio_connections().at(0);
        leg_->connected();
        leg_->take_output();  // the UUID
        auto connection = std::make_shared<AudioConnection>(
            std::make_unique<SharedTransport>(transport_), kBuffer
        );
        connection->start();
        asio::co_spawn(
            context(),
            serve(std::move(connection), handler_, uuid, all_rates),
            asio::bind_cancellation_slot(
                cancel_.slot(),
                [this](std::exception_ptr error) {
                    ended_ = true;
                    error_ = std::move(error);
                }
            )
        );
    }

    bool go_on() override {
        if (move_bytes())
            return true;
        if (ended_ && !leg_->alive())
            return false;
        return pass_time();
    }
    bool move_bytes() override { return detail::move_bytes(*leg_, *transport_); }
    std::optional<Time> next_event() const override { return asterisk_.next_event(); }
    void advance(Time time) override { asterisk_.advance(time); }
    void on_stray_exception(std::exception_ptr error) override {
        error_ = error_ ? error_ : std::move(error);
    }

    FakeAsterisk& asterisk_;
    const AudioHandler& handler_;
    asio::steady_timer earliest_;
    asio::cancellation_signal cancel_;
    std::shared_ptr<MemoryTransport> transport_;
    std::shared_ptr<AudioLeg> leg_;
    std::exception_ptr error_;
    bool ended_ = false;
};

/// Asterisk's clock follows the real one.
class LiveAudioCall {
public:
    LiveAudioCall(const asio::any_io_executor& executor, FakeAsterisk& asterisk)
        : asterisk_(asterisk), timer_(executor), audio_(
                                                     executor,
                                                     [this] { catch_up(); },
                                                     [this] { timer_.cancel(); }
                                                 ) {}

    asio::awaitable<void> run(std::string command) {
        asterisk_.receive(command);
        auto legs = asterisk_.take_audio_connections();
        const auto leg = legs.at(0);
        audio_.serve(legs);
        while (leg->alive()) {
            const auto next = asterisk_.next_event();
            const auto wait = next.value_or(std::chrono::seconds(1));
            timer_.expires_at(begun_ + std::chrono::ceil<Clock::duration>(asterisk_.now() + wait));
            co_await timer_.async_wait(costrix::as_tuple(asio::use_awaitable));
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none)
                throw system_error(asio::error::operation_aborted);
            catch_up();
            audio_.serve({});
        }
        if (leg->state() == AudioLeg::State::refused)
            throw std::runtime_error("audio cannot be connected to " + leg->address().where());
    }

private:
    using Clock = std::chrono::steady_clock;

    void catch_up() {
        const auto passed = nanoseconds(Clock::now() - begun_) - asterisk_.now();
        if (passed > nanoseconds())
            asterisk_.advance(passed);
    }

    FakeAsterisk& asterisk_;
    asio::steady_timer timer_;
    detail::LiveAudio audio_;
    Clock::time_point begun_ = Clock::now();
};

/// The dialplan goes on to its end.
void finish(FakeAsterisk& asterisk) {
    asterisk.script_closed();
    while (!asterisk.closed() && asterisk.advance_to_next_event()) {
    }
}

}  // namespace

FakeAsterisk
run_audio_call(Scenario scenario, const AudioHandler& handler, const AudioCallOptions& options) {
    const bool all_rates = agi::takes_all_audio_rates(scenario.data().version);
    auto asterisk = dialplan(std::move(scenario));
    AudioCallRunner runner(asterisk, handler);
    const bool ended = runner.run(options, all_rates);
    finish(asterisk);
    if (!ended)
        throw std::runtime_error("the handler does not end");
    if (runner.error())
        std::rethrow_exception(runner.error());
    return asterisk;
}

asio::awaitable<FakeAsterisk>
place_audio_call(Scenario scenario, CallTarget target, AudioCallOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    const detail::AudioAddress address{target.host(), target.port(), options.uuid()};
    auto command = command_to(address.where(), options);
    auto asterisk = dialplan(std::move(scenario));
    LiveAudioCall call(executor, asterisk);
    co_await call.run(std::move(command));
    finish(asterisk);
    co_return asterisk;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
