// SPDX-License-Identifier: MIT
// A call without a phone: the caller's part is given beforehand, what happens is printed.
#include "tool/call/call_outcome.hpp"
#include "tool/call/destination.hpp"
#include "tool/call/dialer.hpp"
#include "tool/call/wav_file.hpp"
#include "tool/formatting.hpp"

#include <costrix/asio.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace costrix::tool {
namespace {

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
    std::string_view rest(described);
    auto before = fmt::format("{:>8} s  ", in_seconds(event.time()));
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

/// A call with all that may end it: the script, the time limit, Ctrl-C.
class ScriptedCall {
public:
    explicit ScriptedCall(const CallOptions& options)
        : options_(options), asterisk_(scenario_of(options)),
          dialer_(options.digits, options.think), key_timer_(context_) {
        asterisk_.observe([this](const Event& event) {
            dialer_.observe(event);
            key_timer_.cancel();  // the next key may be due at another time
            show(event);
        });
        call_ = Destination(options).call(context_, asterisk_);
    }

    CallOutcome run() {
        asio::co_spawn(context_, follow(), rethrow);
        context_.run();
        call_->cut();
        return outcome_of(options_, *call_, cut_, dialer_.left());
    }

    const FakeAsterisk& asterisk() const { return asterisk_; }

private:
    asio::awaitable<void> follow() {
        using namespace asio::experimental::awaitable_operators;
        co_await (call_->run() || press_keys() || limit_time() || take_signals());
    }

    asio::awaitable<void> press_keys() {
        while (true) {
            const auto due = dialer_.due();
            key_timer_.expires_at(
                due ? call_->real_time(*due) : LiveCall::Clock::time_point::max()
            );
            co_await key_timer_.async_wait(kTuple);
            dialer_.press_due(asterisk_, call_->now());
            call_->wake();
        }
    }

    asio::awaitable<void> limit_time() {
        const auto limit = options_.timeout.value_or(std::chrono::nanoseconds::max());
        asio::steady_timer timer(context_, call_->real_time(limit));
        co_await timer.async_wait(asio::use_awaitable);
        cut_ = ExitStatus::timed_out;
    }

    // The first Ctrl-C is the caller's hangup, so that the script may end; the second one cuts.
    asio::awaitable<void> take_signals() {
        asio::signal_set signals(context_, SIGINT, SIGTERM);
        while (true) {
            const int signal = co_await signals.async_wait(asio::use_awaitable);
            if (signal != SIGINT || asterisk_.hung_up())
                break;
            asterisk_.hang_up();
            call_->wake();
        }
        cut_ = ExitStatus::interrupted;
    }

    void show(const Event& event) {
        const bool hangup = event.kind() == EventKind::hangup_line;
        const bool again = hangup && std::exchange(told_hangup_, true);
        if (!options_.json && !options_.quiet && (options_.wire || !is_wire(event.kind())))
            print(event, again ? kToldAgain : "");
    }

    const CallOptions& options_;
    asio::io_context context_;
    FakeAsterisk asterisk_;
    Dialer dialer_;
    asio::steady_timer key_timer_;
    std::unique_ptr<LiveCall> call_;
    std::optional<ExitStatus> cut_;
    bool told_hangup_ = false;
};

}  // namespace

ExitStatus place_scripted_call(const CallOptions& options) {
    ScriptedCall call(options);
    const auto outcome = call.run();
    if (!options.heard.empty())
        write_sound_file(options.heard, call.asterisk().heard());
    std::cout << (options.json ? call_report(options, call.asterisk(), outcome) : outcome.sentence)
              << std::endl;
    for (const auto& unmet : outcome.unmet)
        std::cerr << "costrix: " << printable(unmet) << '\n';
    for (const auto& warning : outcome.warnings)
        std::cerr << "costrix: " << printable(warning) << '\n';
    return outcome.status;
}

}  // namespace costrix::tool
