// SPDX-License-Identifier: MIT
// A call with the terminal as its phone: typed keys are pressed, the screen shows what happens.
#include "tool/call/call_outcome.hpp"
#include "tool/call/destination.hpp"
#include "tool/call/phone_screen.hpp"
#include "tool/call/phone_state.hpp"
#include "tool/call/wav_file.hpp"
#include "tool/formatting.hpp"
#include "tool/terminal.hpp"

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/asio.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>

namespace costrix::tool {
namespace {

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using testing::Event;
using testing::FakeAsterisk;

constexpr char kCtrlC = '\x03';
constexpr char kEscape = '\x1b';
constexpr char kBackspace = '\x08';
constexpr char kDelete = '\x7f';

/// One call on the phone, until it is left or placed again.
class PhoneCall {
public:
    enum class Next { leave, again };

    PhoneCall(
        const CallOptions& options,
        asio::io_context& context,
        asio::signal_set& signals,
        Terminal& terminal
    )
        : options_(options), context_(context), signals_(signals), terminal_(terminal),
          keyboard_(context, ::dup(STDIN_FILENO)), redraw_(context),
          asterisk_(scenario_of(options)) {
        asterisk_.observe([this](const Event& event) {
            state_.observe(event);
            redraw_.cancel();
        });
    }

    /// Connects; throws as Destination::call does.
    void begin(const Destination& destination) { call_ = destination.call(context_, asterisk_); }

    /// Runs the call, then waits to be told what next.
    Next run() {
        asio::co_spawn(context_, follow(), rethrow);
        context_.run();
        context_.restart();  // for another call
        return *next_;
    }

    CallOutcome outcome() const { return outcome_of(options_, *call_); }
    const PhoneState& state() const { return state_; }
    const FakeAsterisk& asterisk() const { return asterisk_; }

private:
    asio::awaitable<void> follow() { co_await (play() && attend()); }

    asio::awaitable<void> play() {
        co_await call_->run();
        redraw_.cancel();
    }

    asio::awaitable<void> attend() { co_await (show() || take_keys() || take_signals()); }

    asio::awaitable<void> show() {
        while (!next_ || !call_->over()) {
            const bool over = call_->over();
            now_ = over ? now_ : call_->now();
            draw();
            // The clock and the bars move ten times a second.
            const auto soon = LiveCall::Clock::now() + 100ms;
            redraw_.expires_at(over ? LiveCall::Clock::time_point::max() : soon);
            co_await redraw_.async_wait(kTuple);
        }
    }

    asio::awaitable<void> take_keys() {
        while (!terminal_.gone()) {
            co_await keyboard_.async_wait(keyboard_.wait_read, asio::use_awaitable);
            for (const char key : terminal_.take_keys())
                typed(key);
            call_->wake();
            redraw_.cancel();
        }
        leave();
        call_->cut();
    }

    asio::awaitable<void> take_signals() {
        while (true) {
            const int signal = co_await signals_.async_wait(asio::use_awaitable);
            if (signal != SIGWINCH)
                leave();
            redraw_.cancel();
        }
    }

    void draw() {
        const auto& data = options_.scenario.data();
        PhoneView view{.state = state_, .variables = asterisk_.variables()};
        view.url = printable(options_.program.empty() ? options_.url.text : options_.program);
        view.parties = (data.caller_number.empty() ? "somebody" : data.caller_number) + " calls " +
                       data.extension + "@" + data.context;
        view.now = now_;
        view.answered = asterisk_.answered();
        view.hung_up = asterisk_.hung_up();
        if (call_->over())
            view.ended = outcome().sentence;
        view.levels = call_->over() ? std::nullopt : asterisk_.audio_levels();
        view.panel = panel_;
        view.text = text_;
        terminal_.draw(draw_phone(view, Terminal::size()));
    }

    // The first time the caller hangs up, so that the script may end; the second time cuts it off.
    void leave() {
        if (next_)
            call_->cut();
        asterisk_.hang_up();
        next_ = Next::leave;
        call_->wake();
    }

    void typed(char key) {
        if (text_) {
            type_text(key);
        } else if (agi::is_dtmf(key)) {
            if (!call_->over())
                asterisk_.press(key);
        } else if (key == kCtrlC || key == 'q') {
            leave();
        } else if (call_->over()) {
            after_the_end(key);
        } else {
            command(key);
        }
        toggle(key);
    }

    void command(char key) {
        if (key == 'h')
            asterisk_.hang_up();
        else if (key == 'f')
            call_->skip_ahead();
        else if (key == 't')
            text_.emplace();
    }

    void after_the_end(char key) {
        if (key == 'r')
            next_ = Next::again;
    }

    void toggle(char key) {
        if (text_)
            return;
        const auto show = [this](PhonePanel panel) {
            panel_ = panel_ == panel ? PhonePanel::happenings : panel;
        };
        if (key == 'w')
            show(PhonePanel::wire);
        else if (key == 'v')
            show(PhonePanel::variables);
    }

    void type_text(char key) {
        if (key == '\r' || key == '\n') {
            asterisk_.send_text(*text_);
            text_.reset();
        } else if (key == kEscape || key == kCtrlC) {
            text_.reset();
        } else if (key == kBackspace || key == kDelete) {
            erase_last(*text_);
        } else {
            *text_ += key;
        }
    }

    const CallOptions& options_;
    asio::io_context& context_;
    asio::signal_set& signals_;
    Terminal& terminal_;
    asio::posix::stream_descriptor keyboard_;
    asio::steady_timer redraw_;
    PhoneState state_;
    FakeAsterisk asterisk_;
    std::unique_ptr<LiveCall> call_;
    std::chrono::nanoseconds now_{};
    PhonePanel panel_ = PhonePanel::happenings;
    std::optional<std::string> text_;
    std::optional<Next> next_;
};

}  // namespace

ExitStatus place_phone_call(const CallOptions& options) {
    const Destination destination(options);
    auto status = ExitStatus::success;
    std::string summary;
    std::exception_ptr failed;
    {
        asio::io_context context;
        asio::signal_set signals(context, SIGINT, SIGTERM, SIGHUP);
        signals.add(SIGWINCH);
        Terminal terminal;
        auto next = PhoneCall::Next::again;
        try {
            while (next == PhoneCall::Next::again) {
                PhoneCall call(options, context, signals, terminal);
                call.begin(destination);
                next = call.run();
                if (!options.heard.empty())
                    write_sound_file(options.heard, call.asterisk().heard());
                for (const auto& entry : call.state().history()) {
                    if (!entry.wire)
                        summary += fitted(in_seconds(entry.time), 8) + entry.text + "\n";
                }
                const auto outcome = call.outcome();
                status = outcome.status;
                summary += outcome.sentence + "\n";
                for (const auto& unmet : outcome.unmet)
                    summary += printable(unmet) + "\n";
            }
        } catch (const std::runtime_error&) {
            failed = std::current_exception();
        }
    }
    std::cout << summary;
    if (failed)
        std::rethrow_exception(failed);
    return status;
}

}  // namespace costrix::tool
