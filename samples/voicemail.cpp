// SPDX-License-Identifier: MIT
// Shows: a message that the caller records, hears, records again and keeps; a hangup keeps it too.
// Run: voicemail, then call agi://127.0.0.1:4573/voicemail/100. Expect: a file for box 100, and
// MESSAGE and MESSAGE_SECONDS in the dialplan.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> voicemail(agi::AGI& call, const agi::Request& request) {
    const std::string box(request.match["box"]);
    const std::string id(call.environment().unique_id());
    agi::RecordMessage message("/var/spool/asterisk/tmp/" + box + "-" + id);
    message.prompt({"vm-theperson", agi::digits(box), "vm-isunavail", "vm-intro"});
    message.longest(2min).shortest(2s).silence(5s).on_too_short("vm-tooshort");
    message.review("vm-review");  // "press 1 to accept, 2 to listen, 3 to record again"
    co_await call.execute(agi::Answer());
    const agi::Recorded recorded = co_await message.run(call);

    call.allow_after_hangup();  // most callers hang up when they have said it all
    if (recorded) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(recorded.length).count();
        co_await call.execute(agi::SetVariable("MESSAGE", recorded.file));
        co_await call.execute(agi::SetVariable("MESSAGE_SECONDS", std::to_string(seconds)));
    }
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("voicemail/(?<box>\\d+)$", voicemail);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
