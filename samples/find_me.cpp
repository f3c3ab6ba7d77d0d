// SPDX-License-Identifier: MIT
// Shows: typed applications: dials several numbers, one after the other, until one answers, and
// else takes a message. Run: find_me, then call agi://127.0.0.1:4573/find/alice. Expect: FOUND_AT
// is where she answered, and TALKED the seconds; ended by a hangup or not.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> report(agi::AGI& call, std::string place, agi::Dialled dialled) {
    const auto talked = std::chrono::floor<std::chrono::seconds>(dialled.talked_time);
    agi::SetVariables variables;
    variables.set("FOUND_AT", dialled ? place : "nowhere");
    variables.set("TALKED", std::to_string(talked.count()));
    co_await variables.run(call);
}

asio::awaitable<void> find_me(agi::AGI& call, const agi::Request& request) {
    const std::string who(request.match["who"]);
    std::string place;
    try {
        for (const char* technology : {"PJSIP/desk-", "PJSIP/mobile-", "PJSIP/home-"}) {
            place = technology + who;
            const agi::Dial dial = agi::Dial(place).timeout(15s).music().longest(1h);
            const agi::Dialled dialled = co_await dial.run(call);
            if (dialled) {
                co_await report(call, place, dialled);
                co_return;
            }
            co_await call.execute(agi::Verbose(place + ": " + dialled.text));
        }
        const agi::VoiceMail box = agi::VoiceMail(who).unavailable();
        co_await box.run(call);
        co_return;
    } catch (const agi::AGIHangup&) {
        // the caller hung up: the report follows, since there is no co_await in here
    }
    call.allow_after_hangup();
    const agi::Dialled dialled = co_await agi::Dial::result_of_last(call);
    co_await report(call, place, dialled);
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("find/(?<who>\\w+)$", find_me);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
