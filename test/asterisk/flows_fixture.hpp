// SPDX-License-Identifier: MIT
// A call that a flow or an application drives, on a real Asterisk.
#pragma once

#include "asterisk/asterisk_fixture.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace costrix::test {

/// One variable or function, as the dialplan has it.
inline asio::awaitable<std::string> in_dialplan(agi::AGI& call, std::string name) {
    const agi::GetVariable action(name);
    const auto value = co_await call.execute(action);
    co_return value.value_or("");
}

class FlowsTest : public AsteriskTest {
protected:
    /// An answered call.
    CallPlan answered() const {
        auto call = plan("flows");
        call.answered = true;
        return call;
    }
    /// Places a call that runs this handler to its end.
    void place(agi::ScriptHandler handler, CallPlan call) {
        serve(std::move(handler));
        asterisk_.place(call, std::chrono::seconds(180));
        finish();
        EXPECT_FALSE(log_.has("error")) << log_.text();
    }
    void place(agi::ScriptHandler handler) { place(std::move(handler), answered()); }
};

}  // namespace costrix::test
