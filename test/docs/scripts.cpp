// SPDX-License-Identifier: MIT
// The code of docs/scripts.md, docs/variables.md and docs/audio.md, in a context where it compiles.
#include <costrix/agi.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// clang-format off
namespace {

asio::awaitable<void> menu(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> pin(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> support(agi::AGI& call, const agi::Request& request);
asio::awaitable<bool> voice(agi::AudioStream& audio);
void measure(const std::vector<std::int16_t>& samples);
void greet(std::string_view customer);
void log(std::string_view name, std::string_view value);

namespace one_handler {
int main() {
    return agi::run_script(support);
}
}  // namespace one_handler

namespace several_handlers {
int main() {
    if (agi::started_by_asterisk()) {
        agi::ScriptRunner script;
        script.register_script_handler("pin/(?<pin>\\d{4})$", pin);
        script.register_script_handler("menu$", menu);
        return script.run();
    }
    return agi::run_server({}, [](agi::FastAGIServer& server) {
        server.register_script_handler("menu$", menu);
    });
}
}  // namespace several_handlers

void line_by_line() {
    agi::BlockingAGI call;                                   // pystrix: agi.AGI()
    call.execute(agi::Answer());
    const auto entered = call.execute(agi::GetData("agent-pass").timeout(5s).max_digits(4));
}

asio::awaitable<void> hear(agi::AGI& call) {
    auto audio = co_await agi::open_audio(call);
    while (const auto frame = co_await audio.read())        // 20 ms each, until the hangup
        measure(frame->samples);
    const auto heard = co_await call.execute_during(agi::StreamFile("tt-monkeys"), voice(audio));
}

asio::awaitable<void> speak(agi::AGI& call, const std::vector<std::int16_t>& answer) {
    auto audio = co_await agi::open_audio(call, agi::AudioOptions().speak(true));
    audio.line().write(answer);                              // heard while the prompt plays, and after it
    co_await call.execute(agi::StreamFile("please-hold"));
    co_await audio.line().drained();
}

asio::awaitable<void> variables(agi::AGI& call) {
    const auto values = co_await call.execute(agi::GetVariables("DIALSTATUS", "CUSTOMER", "NOTE"));
    if (values["CUSTOMER"])              // set, even if empty
        greet(*values["CUSTOMER"]);
    for (const auto& [name, value] : values)
        log(name, value.value_or("not set"));
}

}  // namespace
