// SPDX-License-Identifier: MIT
// A call with the terminal as its phone: typed keys are pressed, the screen shows what happens.
#include "tool/call/call_options.hpp"
#include "tool/call/line.hpp"
#include "tool/call/phone_screen.hpp"
#include "tool/call/phone_state.hpp"
#include "tool/formatting.hpp"
#include "tool/signals.hpp"
#include "tool/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>

namespace costrix::tool {
namespace {

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

    PhoneCall(const CallOptions& options, Terminal& terminal, Signals& signals)
        : options_(options), terminal_(terminal), signals_(signals),
          asterisk_(scenario_of(options)) {
        asterisk_.observe([this](const Event& event) { state_.observe(event); });
    }

    /// Connects; throws as Destination::call does.
    void begin(const Destination& destination) { line_ = destination.call(asterisk_); }

    /// Runs the call, then waits to be told what next.
    Next run() {
        while (!next_ || !line_->over()) {
            if (!line_->over())
                now_ = line_->now();
            draw();
            wait();
            take_signals();
            for (const char key : terminal_.take_keys())
                typed(key);
            if (terminal_.gone())
                leave();
            line_->progress();
        }
        return *next_;
    }

    CallOutcome outcome() const { return outcome_of(options_, *line_); }
    const PhoneState& state() const { return state_; }

private:
    void draw() {
        const auto& data = options_.scenario.data();
        PhoneView view{.state = state_, .variables = asterisk_.variables()};
        view.url = printable(options_.program.empty() ? options_.url.text : options_.program);
        view.parties = (data.caller_number.empty() ? "somebody" : data.caller_number) + " calls " +
                       data.extension + "@" + data.context;
        view.now = now_;
        view.answered = asterisk_.answered();
        view.hung_up = asterisk_.hung_up();
        if (line_->over())
            view.ended = outcome().sentence;
        view.panel = panel_;
        view.text = text_;
        terminal_.draw(draw_phone(view, Terminal::size()));
    }

    void wait() {
        std::array<pollfd, 3> watched{
            {{.fd = line_->descriptor(), .events = POLLIN, .revents = 0},
             {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
             {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}}};
        // The clock and the bars move ten times a second.
        const auto patience =
            std::min(line_->until_next().value_or(100ms), std::chrono::nanoseconds(100ms));
        const timespec time{.tv_sec = 0, .tv_nsec = patience.count()};
        ppoll(watched.data(), watched.size(), line_->over() ? nullptr : &time, nullptr);
    }

    void take_signals() {
        while (const int signal = signals_.take()) {
            if (signal != SIGWINCH)
                leave();
        }
    }

    // The caller hangs up, so that the script may end as it would; the second time it is cut off.
    void leave() {
        if (next_ && !line_->over())
            line_->cut();
        asterisk_.hang_up();
        next_ = Next::leave;
    }

    void typed(char key) {
        if (text_) {
            type_text(key);
        } else if (std::string_view("0123456789*#ABCD").find(key) != std::string_view::npos) {
            if (!line_->over())
                asterisk_.press(key);
        } else if (key == kCtrlC || key == 'q') {
            leave();
        } else if (line_->over()) {
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
            line_->skip_ahead();
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
    Terminal& terminal_;
    Signals& signals_;
    PhoneState state_;
    FakeAsterisk asterisk_;
    std::unique_ptr<Line> line_;
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
        Signals signals{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
        Terminal terminal;
        auto next = PhoneCall::Next::again;
        try {
            while (next == PhoneCall::Next::again) {
                PhoneCall call(options, terminal, signals);
                call.begin(destination);
                next = call.run();
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
