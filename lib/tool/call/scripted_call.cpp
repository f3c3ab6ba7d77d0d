// SPDX-License-Identifier: MIT
// A call without a phone: the caller's part is given beforehand, what happens is printed.
#include "tool/call/call.hpp"
#include "tool/call/dialer.hpp"
#include "tool/call/line.hpp"
#include "tool/signals.hpp"
#include "tool/text.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;
using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;

bool is_wire(EventKind kind) {
    return kind == EventKind::command || kind == EventKind::reply || kind == EventKind::hangup_line;
}

/// Replies over several lines stay below each other.
void print(const Event& event) {
    const auto described = testing::describe(event);
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
    ScriptedCall(const CallOptions& options, Socket socket)
        : asterisk_(options.scenario), dialer_(options.digits, options.think),
          timeout_(options.timeout) {
        asterisk_.observe([this, &options](const Event& event) {
            dialer_.observe(event);
            if (!options.json && !options.quiet && (options.wire || !is_wire(event.kind())))
                print(event);
        });
        line_.emplace(asterisk_, std::move(socket), options.speed);
    }

    ExitStatus run() {
        while (!line_->over()) {
            if (timeout_ && line_->now() >= *timeout_)
                return ExitStatus::timed_out;
            wait();
            if (const int signal = signals_.take(); signal != 0 && !interrupt(signal))
                return ExitStatus::interrupted;
            dialer_.press_due(asterisk_, line_->now());
            line_->progress();
        }
        return how_it_ended(asterisk_);
    }

    [[nodiscard]] const FakeAsterisk& asterisk() const { return asterisk_; }

private:
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

    Signals signals_{SIGINT, SIGTERM};
    FakeAsterisk asterisk_;
    Dialer dialer_;
    std::optional<nanoseconds> timeout_;
    std::optional<Line> line_;
};

}  // namespace

ExitStatus place_scripted_call(const CallOptions& options) {
    ScriptedCall call(options, Socket::connect(resolve(options.url), std::chrono::seconds(5)));
    const auto status = call.run();
    std::cout << (options.json ? call_report(options, call.asterisk(), status)
                               : describe_end(call.asterisk(), status))
              << '\n';
    return status;
}

}  // namespace costrix::tool
