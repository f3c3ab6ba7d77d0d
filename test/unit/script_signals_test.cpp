// SPDX-License-Identifier: MIT
// SIGHUP in a script: one event for the process, which its handler may write to at any time.
#include "script/script_signals.hpp"
#include "support/descriptors.hpp"

#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

namespace costrix::agi::detail {
namespace {

TEST(ScriptSignals, LeaveNothingThatTheHandlerCouldWriteToByMistake) {
    asio::io_context context;
    asio::post(context, [] {});  // Asio's own event is there
    context.poll();
    const auto events = [] { return test::descriptors_of("pipe:"); };
    const auto before = events();
    {
        const ScriptSignals first(context.get_executor(), [] {});
    }
    const auto after = events();
    EXPECT_GT(after.size(), before.size()) << "what the handler writes to was closed";
    for (int i = 0; i < 5; ++i)
        const ScriptSignals another(context.get_executor(), [] {});
    EXPECT_EQ(events(), after) << "it is one for the process";
}

TEST(ScriptSignals, AreOneAtATime) {
    asio::io_context context;
    int hangups = 0;
    {
        ScriptSignals signals(context.get_executor(), [&hangups] { ++hangups; });
        EXPECT_THROW(ScriptSignals(context.get_executor(), [] {}), std::logic_error);
        std::raise(SIGHUP);
        context.run();
        signals.deliver();
        EXPECT_EQ(hangups, 1);
    }
    std::raise(SIGHUP);  // nobody's
    const ScriptSignals again(context.get_executor(), [] {});
    EXPECT_EQ(hangups, 1);
}

}  // namespace
}  // namespace costrix::agi::detail
