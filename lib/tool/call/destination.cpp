// SPDX-License-Identifier: MIT
// Where calls go: a server, or a classic script's program; and whether AGI is spoken there.
#include "tool/call/destination.hpp"

#include "testing/script_process.hpp"

#include <stdexcept>
#include <utility>

namespace costrix::tool {

using testing::EventKind;
using testing::FakeAsterisk;
using testing::detail::ScriptProcess;

namespace {

// An echo of Asterisk's own replies, for example, never ends by itself.
constexpr std::size_t kMaxUnknownCommands = 20;

std::unique_ptr<LiveCall> give_up_on_nonsense(std::unique_ptr<LiveCall> call) {
    call->give_up_when([&asterisk = call->asterisk()] {
        return asterisk.texts(EventKind::command).size() >= kMaxUnknownCommands &&
               !speaks_agi(asterisk);
    });
    return call;
}

}  // namespace

Destination::Destination(const CallOptions& options) : options_(options) {
    if (options.program.empty())
        addresses_ = resolve(options.url);
}

std::unique_ptr<LiveCall>
Destination::call(asio::io_context& context, FakeAsterisk& asterisk) const {
    if (options_.program.empty())
        return call_over(ServerConnection(context, addresses_), asterisk, options_.speed);
    std::vector<std::string> command{options_.program};
    command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
    try {
        // Ctrl-C hangs up, and does not end the script.
        const ScriptProcess::Options own_group{.own_group = true};
        auto script = std::make_unique<ScriptProcess>(context.get_executor(), command, own_group);
        return give_up_on_nonsense(
            std::make_unique<LiveCall>(std::move(script), asterisk, options_.speed)
        );
    } catch (const std::system_error& error) {
        throw std::runtime_error(
            "cannot start " + options_.program + ": " + error.code().message()
        );
    }
}

std::unique_ptr<LiveCall>
call_over(ServerConnection connection, FakeAsterisk& asterisk, double speed) {
    return give_up_on_nonsense(std::make_unique<LiveCall>(connection.release(), asterisk, speed));
}

bool speaks_agi(const FakeAsterisk& asterisk) {
    bool unknown = false;
    for (const auto& event : asterisk.events()) {
        if (event.kind() != EventKind::reply && event.kind() != EventKind::dropped)
            continue;
        if (event.kind() == EventKind::dropped || !event.text().starts_with("510"))
            return true;
        unknown = true;
    }
    return !unknown;
}

void rethrow(std::exception_ptr error) {
    if (error)
        std::rethrow_exception(error);
}

}  // namespace costrix::tool
