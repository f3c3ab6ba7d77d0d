// SPDX-License-Identifier: MIT
// A service; with an argument, the test of its handler.
#include <costrix/agi.hpp>
#include <costrix/testing/conversation.hpp>

namespace agi = costrix::agi;

asio::awaitable<void> greet(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::StreamFile("welcome"));
}

int main(int argc, char**) {
    if (argc == 1)
        return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
            server.register_script_handler("greet", greet);
        });
    costrix::testing::Conversation call("greet");
    call.expect(agi::Answer()).reply("200 result=0");
    call.expect(agi::StreamFile("welcome")).reply("200 result=0 endpos=8000");
    call.run({"greet", greet});
}
