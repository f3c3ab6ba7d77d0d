// SPDX-License-Identifier: MIT
// RECEIVE CHAR and RECEIVE TEXT: a message from the caller.

#include "testing/asterisk/asterisk_parsing.hpp"
#include "testing/asterisk/command_handlers.hpp"

#include <chrono>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// A timeout and a hangup look alike in both commands.
class ReceiveChar final : public RunningCommand {
public:
    ReceiveChar(CallState& call, Time timeout) : RunningCommand(call) { wait(timeout); }

    void expire() override { end(CommandEnd::result("-1 (hangup)").as_failure()); }
    void hang_up() override { expire(); }
    void text(const std::string& message) override {
        const auto first = message.empty() ? '\0' : message.front();
        end(CommandEnd::result(static_cast<long>(static_cast<unsigned char>(first))));
    }
};

class ReceiveText final : public RunningCommand {
public:
    ReceiveText(CallState& call, Time timeout) : RunningCommand(call) { wait(timeout); }

    void expire() override { end(CommandEnd::result(-1)); }
    void hang_up() override { expire(); }
    void text(const std::string& message) override {
        end(CommandEnd::result("1 (" + message + ")"));
    }
};

template <class T>
Outcome receive(CallState& call, const Words& words) {
    if (words.size() != 3)
        return CommandEnd::usage();
    const int timeout = as_int(words[2]);
    call.will_send_message();
    return std::make_unique<T>(
        call, timeout < 0 ? kNever : Time(std::chrono::milliseconds(timeout))
    );
}

}  // namespace

Outcome receive_char(CallState& call, const Words& words) {
    return receive<ReceiveChar>(call, words);
}

Outcome receive_text(CallState& call, const Words& words) {
    return receive<ReceiveText>(call, words);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
