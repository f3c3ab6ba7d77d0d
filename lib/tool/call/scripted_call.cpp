// SPDX-License-Identifier: MIT
// A call without a phone: the caller's part is given beforehand, what happens is printed.
#include "tool/call/call_options.hpp"
#include "tool/call/dialer.hpp"
#include "tool/call/line.hpp"
#include "tool/formatting.hpp"
#include "tool/signals.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;
using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;

// Asterisk writes it when it notices the hangup, and once more when AGI() is over.
constexpr std::string_view kToldAgain = " (again, as AGI() ends)";

bool is_wire(EventKind kind) {
    return kind == EventKind::command || kind == EventKind::reply || kind == EventKind::hangup_line;
}

/// Replies over several lines stay below each other.
void print(const Event& event, std::string_view remark) {
    const auto described = testing::describe(event).append(remark);
    const auto time = in_seconds(event.time());
    std::string_view rest(described);
    std::string before =
        std::string(8 - std::min<std::size_t>(time.size(), 8), ' ') + time + " s  ";
    while (true) {
        const auto end = rest.find('\n');
        std::cout << before << printable(rest.substr(0, end)) << '\n';
        if (end == std::string_view::npos)
            break;
        rest.remove_prefix(end + 1);
        before.assign(before.size(), ' ');
    }
    std::cout.flush();
}

/// The loop of a call: connection, clock, keys that are due, the time limit, Ctrl-C.
class ScriptedCall {
public:
    explicit ScriptedCall(const CallOptions& options)
        : options_(options), asterisk_(scenario_of(options)),
          dialer_(options.digits, options.think), timeout_(options.timeout) {
        asterisk_.observe([this](const Event& event) {
            dialer_.observe(event);
            show(event);
        });
        line_ = Destination(options).call(asterisk_);
    }

    CallOutcome run() {
        const auto cut = follow();
        return outcome_of(options_, *line_, cut, dialer_.left());
    }

    const FakeAsterisk& asterisk() const { return asterisk_; }

private:
    /// Until the call is over, or why it was cut.
    std::optional<ExitStatus> follow() {
        while (!line_->over()) {
            if (timeout_ && line_->now() >= *timeout_)
                return ExitStatus::timed_out;
            wait();
            if (const int signal = signals_.take(); signal != 0 && !interrupt(signal))
                return ExitStatus::interrupted;
            dialer_.press_due(asterisk_, line_->now());
            line_->progress();
        }
        return std::nullopt;
    }

    void show(const Event& event) {
        const bool hangup = event.kind() == EventKind::hangup_line;
        const bool again = hangup && std::exchange(told_hangup_, true);
        if (!options_.json && !options_.quiet && (options_.wire || !is_wire(event.kind())))
            print(event, again ? kToldAgain : "");
    }

    // The caller hangs up, so that the script may end as it would; the second time it is cut off.
    bool interrupt(int signal) {
        if (signal != SIGINT || asterisk_.hung_up())
            return false;
        asterisk_.hang_up();
        return true;
    }

    void wait() {
        std::array<pollfd, 2> watched{
            {{.fd = line_->descriptor(), .events = POLLIN, .revents = 0},
             {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0}}};
        std::optional<nanoseconds> patience = line_->until_next();
        for (const auto& due : {dialer_.due(), timeout_}) {
            if (due) {
                const auto left = std::max(line_->real(*due - line_->now()), nanoseconds(0));
                patience = std::min(patience.value_or(left), left);
            }
        }
        timespec time{};
        if (patience) {
            time.tv_sec = patience->count() / 1'000'000'000;
            time.tv_nsec = patience->count() % 1'000'000'000;
        }
        ppoll(watched.data(), watched.size(), patience ? &time : nullptr, nullptr);
    }

    const CallOptions& options_;
    Signals signals_{SIGINT, SIGTERM};
    FakeAsterisk asterisk_;
    Dialer dialer_;
    std::optional<nanoseconds> timeout_;
    bool told_hangup_ = false;
    std::unique_ptr<Line> line_;
};

}  // namespace

ExitStatus place_scripted_call(const CallOptions& options) {
    ScriptedCall call(options);
    const auto outcome = call.run();
    std::cout << (options.json ? call_report(options, call.asterisk(), outcome) : outcome.sentence)
              << std::endl;
    for (const auto& unmet : outcome.unmet)
        std::cerr << "costrix: " << printable(unmet) << '\n';
    for (const auto& warning : outcome.warnings)
        std::cerr << "costrix: " << printable(warning) << '\n';
    return outcome.status;
}

}  // namespace costrix::tool
