// SPDX-License-Identifier: MIT
// Shows: a menu within a menu, with ways back, a repeat key and an operator; the menu as text or
// as a picture. Run: nested_menu, then call agi://127.0.0.1:4573/desk; or nested_menu --text, or
// --svg > menu.svg.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> to_room(agi::AGI& call, std::string keys) {
    co_await call.execute(agi::Exec("Dial", "PJSIP/" + keys, "20"));
}

asio::awaitable<void> to_operator(agi::AGI& call) {
    co_await call.execute(agi::Exec("Dial", "PJSIP/operator"));
}

// Plays the opening hours, and then the menu again.
asio::awaitable<agi::Next> opening_hours(agi::AGI& call) {
    co_await call.execute(agi::StreamFile("office-hours"));
    co_return agi::Next::repeat;
}

agi::Menu front_desk_menu() {
    agi::Menu rooms("for-rooms");
    rooms.on("2XX", to_room, "call the room").back('*').on_invalid("no-such-room");
    agi::Menu desk(agi::Prompt("welcome", "main-menu"));
    desk.on("1", rooms, "rooms").on("2", opening_hours, "opening hours").repeat('9');
    desk.everywhere("0", to_operator, "operator").otherwise(to_operator, "operator");
    desk.on_invalid("invalid").attempts(3).first_key(5s);
    return desk;
}

asio::awaitable<void> front_desk(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const agi::Menu menu = front_desk_menu();
    const agi::Chosen chosen = co_await menu.run(call);
    co_await call.execute(agi::SetVariable("CHOSEN", chosen.keys));
}

int main(int argc, char** argv) {
    const std::string option = argc > 1 ? argv[1] : "4573";
    if (option == "--text" || option == "--svg") {
        const agi::Menu menu = front_desk_menu();
        std::cout << (option == "--svg" ? to_svg(menu) : to_text(menu));
        return 0;
    }
    const auto port = static_cast<std::uint16_t>(std::atoi(option.c_str()));
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("desk$", front_desk);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
