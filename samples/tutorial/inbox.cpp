// SPDX-License-Identifier: MIT
// Tutorial, step 3: the handler, which knows nothing of the server or the database.
#include "inbox.hpp"

#include <utility>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> answer(agi::AGI& call, CountMessages count) {
    std::optional<int> messages;
    agi::Ask agent("agent-user");
    agent.digits(4).attempts(3).first_key(5s);
    agent.on_invalid("agent-incorrect").on_failure("vm-goodbye");
    agent.while_checking("pls-hold-while-try");
    agent.accept([&](std::string digits) -> asio::awaitable<bool> {
        messages = co_await count(std::move(digits));
        co_return messages.has_value();
    });

    co_await call.execute(agi::Answer());
    const agi::Asked asked = co_await agent.run(call);
    if (!asked)
        co_return;
    co_await call.execute(agi::SetVariable("AGENT", asked.digits));
    const agi::Prompt news{"vm-youhave", agi::number(*messages), "vm-messages"};
    co_await news.play(call);
}

}  // namespace

agi::ScriptHandler inbox(CountMessages count) {
    return [count](agi::AGI& call, const agi::Request&) { return answer(call, count); };
}
