// SPDX-License-Identifier: MIT
// The code of docs/flows.md and docs/applications.md.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/scenario.hpp>

#include <string>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

struct Customers {
    asio::awaitable<bool> find(std::string pin);
};

asio::awaitable<void> to_room(agi::AGI& call, std::string keys);
asio::awaitable<void> to_operator(agi::AGI& call);
asio::awaitable<agi::Next> opening_hours(agi::AGI& call);

// clang-format off
asio::awaitable<void> ask_for_pin(agi::AGI& call, Customers& customers) {
    agi::Ask pin("agent-pass");
    pin.digits(4).attempts(3).first_key(5s).next_key(3s).whole(20s);
    pin.on_silence("please-try-again").on_invalid("auth-incorrect").on_failure("goodbye");
    pin.accept([&](std::string digits) { return customers.find(std::move(digits)); });
    pin.while_checking("pls-wait-connect-call");
    const agi::Asked given = co_await pin.run(call);
    if (given.end == agi::AnswerEnd::silence)
        co_await call.execute(agi::Verbose("the caller stays silent"));
}

void prompts() {
    agi::Menu inbox({"vm-youhave", agi::number(3), "vm-messages", agi::pause(500ms), "vm-options"});
    inbox.on_silence({"you-are-still", agi::letters("VIP"), "please-enter"});
}

void confirmation(agi::Ask& ask) {
    ask.confirm([](const std::string& entered) {
        return agi::Confirm({"you-entered", agi::digits(entered), "press-1-to-keep-2-to-change"});
    });
}

asio::awaitable<void> menus(agi::AGI& call) {
    agi::Menu rooms("for-rooms");
    rooms.on("2XX", to_room).back('*').on_invalid("no-such-room");
    agi::Menu desk(agi::Prompt("welcome", "main-menu"));
    desk.on("1", rooms).on("2", opening_hours).repeat('9');
    desk.everywhere("0", to_operator).otherwise(to_operator);
    const agi::Chosen chosen = co_await desk.run(call);
}

asio::awaitable<void> recordings(agi::AGI& call, std::string id) {
    agi::RecordMessage message("/var/spool/asterisk/tmp/" + id);
    message.prompt({"vm-intro"}).longest(2min).silence(5s).on_too_short("vm-tooshort").review("vm-review");
    const agi::Recorded recorded = co_await message.run(call);
}

void caller(costrix::testing::Scenario& scenario) {
    scenario.press_during("agent-pass", "");      // the first time: silence
    scenario.press_during("agent-pass", "9999");  // then a wrong PIN
    scenario.press_during("agent-pass", "1234");
}

asio::awaitable<void> dial(agi::AGI& call) {
    const agi::Dial dial = agi::Dial("PJSIP/100").timeout(20s).music().caller_id(R"("Alice, B." <100>)");
    const agi::Dialled dialled = co_await dial.run(call);
    if (dialled)  // answered
        co_await call.execute(agi::Verbose("talked with " + dialled.peer));
    else if (dialled.status == agi::Dialled::Status::busy)
        co_await call.execute(agi::StreamFile("vm-extension-busy"));
}

}  // namespace
