// SPDX-License-Identifier: MIT
// Checks that a server answers a call as a FastAGI server does, and notices a hangup.
#include "tool/call/destination.hpp"
#include "tool/check/check_options.hpp"
#include "tool/formatting.hpp"
#include "tool/scenario_options.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;
using Grade = Finding::Grade;

constexpr double kHurry = 50;  // prompts need not be listened to

/// A call to observe for a while.
class WatchedCall {
public:
    WatchedCall(asio::io_context& context, const CheckOptions& options, ServerConnection connection)
        : context_(context), asterisk_(scenario_of(options)) {
        asterisk_.observe([this](const Event& event) {
            if (event.kind() == EventKind::command && !first_command_)
                first_command_ = LiveCall::Clock::now() - begun_;
        });
        call_ = call_over(std::move(connection), asterisk_, kHurry);
        asio::co_spawn(context, call_->run(), rethrow);
    }

    /// Runs until the call is over or the time is up; `until` ends it early.
    void watch(std::chrono::nanoseconds patience, const std::function<bool()>& until = nullptr) {
        const auto end = LiveCall::Clock::now() + patience;
        context_.restart();
        while (!over() && LiveCall::Clock::now() < end && !(until && until()))
            context_.run_one_until(end);
    }

    void hang_up() {
        asterisk_.hang_up();
        call_->wake();
    }

    bool over() const { return call_->over(); }
    const std::string& trouble() const { return call_->trouble(); }
    const FakeAsterisk& asterisk() const { return asterisk_; }
    std::optional<std::chrono::nanoseconds> first_command() const { return first_command_; }

private:
    asio::io_context& context_;
    FakeAsterisk asterisk_;
    std::unique_ptr<LiveCall> call_;
    LiveCall::Clock::time_point begun_ = LiveCall::Clock::now();
    std::optional<std::chrono::nanoseconds> first_command_;
};

/// A FastAGI server listens first.
bool check_silence(ServerConnection& connection, const Report& report) {
    std::string said;
    if (connection.read(said, 200ms) != ServerConnection::Read::data)
        return true;
    const auto line =
        printable(said.substr(0, std::min(said.find_first_of("\r\n"), std::size_t{60})));
    report(
        {Grade::bad,
         "it speaks first: " + line,
         "A FastAGI server waits until Asterisk sends the environment. Another kind of server "
         "listens on this port."}
    );
    return false;
}

std::size_t refusals(const FakeAsterisk& asterisk) {
    std::size_t count = 0;
    for (const auto& reply : asterisk.texts(EventKind::reply))
        count += reply.starts_with("510") || reply.starts_with("520") ? 1U : 0U;
    return count;
}

void report_end(const WatchedCall& call, const Report& report) {
    const auto& asterisk = call.asterisk();
    const auto commands = asterisk.texts(EventKind::command).size();
    const auto text = counted(commands, "command");
    if (!asterisk.texts(EventKind::crash).empty()) {
        report(
            {Grade::bad,
             "its last command would crash Asterisk: more than 127 words",
             "Asterisk writes past the end of an array. Send fewer arguments."}
        );
    } else if (!call.trouble().empty()) {
        report(
            {Grade::bad,
             call.trouble(),
             "A script waits for the reply to its command. The handler failed, or the whole server "
             "did; see its log."}
        );
    } else if (!call.over()) {
        report(
            {Grade::remark,
             "after " + text + " the script is still running; this check presses no keys"}
        );
    } else if (asterisk.agistatus() == "FAILURE") {
        report(
            {Grade::remark,
             "the script ends after " + text + ", AGISTATUS FAILURE",
             "A command failed, for example because a sound is missing. To the dialplan this looks "
             "like a server that is down."}
        );
    } else {
        report(
            {Grade::good, "the script ends after " + text + ", AGISTATUS " + asterisk.agistatus()}
        );
    }
    for (const auto& what : asterisk.texts(EventKind::unsimulated))
        report({Grade::remark, printable(describe_lack(what))});
    if (const auto refused = refusals(asterisk); refused > 0) {
        report(
            {Grade::bad,
             std::to_string(refused) +
                 " of its commands are unknown to Asterisk or have the wrong syntax",
             "Run costrix call to see them: they are answered by 510 or 520."}
        );
    }
}

/// A server that sends no command of Asterisk's is not a FastAGI server.
bool check_language(const CheckOptions& options, WatchedCall& call, const Report& report) {
    call.watch(options.patience, [&] { return speaks_agi(call.asterisk()); });
    if (speaks_agi(call.asterisk()))
        return true;
    const auto line = printable(call.asterisk().texts(EventKind::command).front());
    report(
        {Grade::bad,
         "this is not a FastAGI server: it sends " + line,
         "Asterisk knows neither this command nor those that follow. Another kind of server "
         "listens on this port, or the script misspells every command."}
    );
    return false;
}

bool check_answer(const CheckOptions& options, WatchedCall& call, const Report& report) {
    const auto first = call.first_command();
    if (first) {
        if (!check_language(options, call, report))
            return false;
        const auto line = printable(call.asterisk().texts(EventKind::command).front());
        report(
            {Grade::good, "its first command comes after " + short_duration(*first) + ": " + line}
        );
        return true;
    }
    if (call.over()) {
        report(
            {Grade::bad,
             "it closes the connection without a command",
             "No script is registered for the path '" + options.url.path +
                 "', or the server refuses calls from this address (in Costrix, the option "
                 "allow), or the script failed at once. See the server's log."}
        );
    } else {
        const std::chrono::nanoseconds patience = options.patience;
        report(
            {Grade::bad,
             "it sends nothing for " + short_duration(patience),
             "Asterisk has no time limit here, so the caller would wait for ever. The script is "
             "waiting for something else, or this is not a FastAGI server."}
        );
    }
    return false;
}

/// Hangs up after the first command, in a second call.
void check_hangup(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Report& report
) {
    asio::io_context context;
    WatchedCall call(context, options, ServerConnection(context, addresses));
    call.watch(options.patience, [&] { return call.first_command().has_value(); });
    const auto begun = LiveCall::Clock::now();
    call.hang_up();
    call.watch(std::min(options.patience, std::chrono::milliseconds(5000)));
    const std::chrono::nanoseconds took = LiveCall::Clock::now() - begun;
    if (call.over()) {
        report({Grade::good, "it ends " + short_duration(took) + " after the caller hung up"});
        return;
    }
    report(
        {Grade::remark,
         "it still runs " + short_duration(took) + " after the caller hung up",
         "Asterisk keeps the channel until the script closes the connection. End the script at "
         "the HANGUP line or the reply 511, or set AGIEXITONHANGUP=yes."}
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
    const Report& report
) {
    asio::io_context context;
    const auto begun = LiveCall::Clock::now();
    ServerConnection connection(context, addresses);
    const std::chrono::nanoseconds took = LiveCall::Clock::now() - begun;
    report({Grade::good, "it accepts the connection, after " + short_duration(took)});
    if (!check_silence(connection, report))
        return false;
    WatchedCall call(context, options, std::move(connection));
    call.watch(options.patience, [&] { return call.first_command().has_value(); });
    if (!check_answer(options, call, report))
        return false;
    call.watch(options.patience);
    report_end(call, report);
    check_hangup(options, addresses, report);
    return true;
}

}  // namespace costrix::tool
