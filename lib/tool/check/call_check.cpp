// SPDX-License-Identifier: MIT
// Whether a server answers a call as a FastAGI server does, and notices a hangup.
#include "tool/call/line.hpp"
#include "tool/check/check_options.hpp"
#include "tool/formatting.hpp"
#include "tool/scenario_options.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <poll.h>

#include <algorithm>
#include <optional>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;
using Grade = Finding::Grade;

constexpr double kHurry = 50;  // prompts need not be listened to

/// A call that is watched for a while.
class Trial {
public:
    Trial(const CheckOptions& options, Socket socket) : asterisk_(scenario_of(options)) {
        asterisk_.observe([this](const Event& event) {
            if (event.kind() == EventKind::command && !first_command_)
                first_command_ = Line::Clock::now() - begun_;
        });
        line_.emplace(asterisk_, std::move(socket), kHurry);
    }

    /// Until the call is over, or the time is up; `until` ends it early.
    void watch(std::chrono::nanoseconds patience, const std::function<bool()>& until = nullptr) {
        const auto end = Line::Clock::now() + patience;
        while (!line_->over() && Line::Clock::now() < end && !(until && until())) {
            pollfd readable{.fd = line_->descriptor(), .events = POLLIN, .revents = 0};
            const auto left =
                std::min<std::chrono::nanoseconds>(line_->until_next().value_or(50ms), 50ms);
            const timespec time{.tv_sec = 0, .tv_nsec = left.count()};
            ppoll(&readable, 1, &time, nullptr);
            line_->progress();
        }
    }

    void hang_up() {
        asterisk_.hang_up();
        line_->progress();
    }

    bool over() const { return line_->over(); }
    const std::string& trouble() const { return line_->trouble(); }
    const FakeAsterisk& asterisk() const { return asterisk_; }
    std::optional<std::chrono::nanoseconds> first_command() const { return first_command_; }

private:
    FakeAsterisk asterisk_;
    std::optional<Line> line_;
    Line::Clock::time_point begun_ = Line::Clock::now();
    std::optional<std::chrono::nanoseconds> first_command_;
};

/// A FastAGI server listens first.
bool check_silence(Socket& socket, const Tell& tell) {
    std::string said;
    if (!socket.wait(200ms) || socket.read(said) <= 0)
        return true;
    const auto line =
        printable(said.substr(0, std::min(said.find_first_of("\r\n"), std::size_t{60})));
    tell(
        {Grade::bad,
         "it speaks first: " + line,
         "A FastAGI server waits for Asterisk to speak. Something else listens on this port."}
    );
    return false;
}

std::size_t refusals(const FakeAsterisk& asterisk) {
    std::size_t count = 0;
    for (const auto& reply : asterisk.texts(EventKind::reply))
        count += reply.starts_with("510") || reply.starts_with("520") ? 1U : 0U;
    return count;
}

void tell_of_end(const Trial& trial, const Tell& tell) {
    const auto& asterisk = trial.asterisk();
    const auto commands = asterisk.texts(EventKind::command).size();
    const auto text = counted(commands, "command");
    if (!asterisk.texts(EventKind::crash).empty()) {
        tell(
            {Grade::bad,
             "Asterisk would have died of its last command: more than 127 words",
             "Asterisk writes past an array then. Send fewer arguments."}
        );
    } else if (!trial.trouble().empty()) {
        tell(
            {Grade::bad,
             trial.trouble(),
             "Scripts wait for the reply to a command. A handler failed, or the whole server: its "
             "log should tell."}
        );
    } else if (!trial.over()) {
        tell({Grade::remark, "after " + text + " the script goes on, and nobody presses a key"});
    } else if (asterisk.agistatus() == "FAILURE") {
        tell(
            {Grade::remark,
             "the script ends after " + text + ", AGISTATUS FAILURE",
             "A command failed, such as a prompt that nobody answered or a sound that is missing. "
             "The dialplan cannot tell that from a server that is down."}
        );
    } else {
        tell({Grade::good, "the script ends after " + text + ", AGISTATUS " + asterisk.agistatus()}
        );
    }
    for (const auto& what : asterisk.texts(EventKind::unsimulated))
        tell({Grade::remark, printable(describe_lack(what))});
    if (const auto refused = refusals(asterisk); refused > 0) {
        tell(
            {Grade::bad,
             std::to_string(refused) + " of its commands do not exist, or have a wrong syntax",
             "costrix call shows them: look for 510 and 520."}
        );
    }
}

/// What does not say a single command of Asterisk's is something else.
bool check_language(const CheckOptions& options, Trial& trial, const Tell& tell) {
    trial.watch(options.patience, [&] { return speaks_agi(trial.asterisk()); });
    if (speaks_agi(trial.asterisk()))
        return true;
    const auto line = printable(trial.asterisk().texts(EventKind::command).front());
    tell(
        {Grade::bad,
         "this is no FastAGI server: it says " + line,
         "Asterisk knows no such command, nor any of those after it. Something else listens on "
         "this port, or the script misspells all that it sends."}
    );
    return false;
}

bool check_answer(const CheckOptions& options, Trial& trial, const Tell& tell) {
    const auto first = trial.first_command();
    if (first) {
        if (!check_language(options, trial, tell))
            return false;
        const auto line = printable(trial.asterisk().texts(EventKind::command).front());
        tell({Grade::good, "its first command comes after " + short_duration(*first) + ": " + line}
        );
        return true;
    }
    if (trial.over()) {
        tell(
            {Grade::bad,
             "it closes the connection without a command",
             "Either no script is registered for the path '" + options.url.path +
                 "', or the server does not take calls from this address (Costrix: option "
                 "allow), or the script failed at once. The server's log should tell."}
        );
    } else {
        const std::chrono::nanoseconds patience = options.patience;
        tell(
            {Grade::bad,
             "it sends nothing for " + short_duration(patience),
             "Asterisk would hold the caller for ever: there is no time limit. The script waits "
             "for something else, or this is no FastAGI server."}
        );
    }
    return false;
}

/// Hangs up after the first command, in a second call.
void check_hangup(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Tell& tell
) {
    Trial trial(options, Socket::connect(addresses, 5s));
    trial.watch(options.patience, [&] { return trial.first_command().has_value(); });
    const auto begun = Line::Clock::now();
    trial.hang_up();
    trial.watch(std::min(options.patience, std::chrono::milliseconds(5000)));
    const std::chrono::nanoseconds took = Line::Clock::now() - begun;
    if (trial.over()) {
        tell({Grade::good, "it ends " + short_duration(took) + " after the caller hung up"});
        return;
    }
    tell(
        {Grade::remark,
         short_duration(took) + " after the caller hung up it has not ended",
         "Asterisk keeps the channel until the script closes the connection. A script should "
         "end at the HANGUP line or at the reply 511; or set AGIEXITONHANGUP=yes."}
    );
}

}  // namespace

testing::Scenario scenario_of(const CheckOptions& options) {
    auto scenario = options.scenario;
    scenario.url(options.url.text).args(options.url.arguments).any_sound(2s);
    scenario.unique_id(next_unique_id());
    return scenario;
}

bool check_call(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Tell& tell
) {
    const auto begun = Line::Clock::now();
    auto socket = Socket::connect(addresses, 5s);
    const std::chrono::nanoseconds took = Line::Clock::now() - begun;
    tell({Grade::good, "it accepts the connection, after " + short_duration(took)});
    if (!check_silence(socket, tell))
        return false;
    Trial trial(options, std::move(socket));
    trial.watch(options.patience, [&] { return trial.first_command().has_value(); });
    if (!check_answer(options, trial, tell))
        return false;
    trial.watch(options.patience);
    tell_of_end(trial, tell);
    check_hangup(options, addresses, tell);
    return true;
}

}  // namespace costrix::tool
