// SPDX-License-Identifier: MIT
// When a loop refuses new calls, and when it accepts them again.
#include "server/load_gate.hpp"

#include <gtest/gtest.h>

namespace costrix::agi::detail {
namespace {

TEST(LoadGate, ClosesAtTheLimitAndOpensWhenATenthHasEnded) {
    LoadGate gate;
    gate.set_limits(20, 0);
    EXPECT_EQ(gate.room(5), 15U);
    EXPECT_FALSE(gate.close(19));
    EXPECT_TRUE(gate.close(20));
    EXPECT_FALSE(gate.close(20)) << "it is closed already";
    EXPECT_EQ(gate.room(25), 0U);
    EXPECT_FALSE(gate.open(19));
    EXPECT_TRUE(gate.can_open(18));
    EXPECT_TRUE(gate.open(18));
    EXPECT_FALSE(gate.open(18)) << "it is open already";
}

TEST(LoadGate, OpensAfterOneCallWhereTheLimitIsSmall) {
    LoadGate gate;
    gate.set_limits(0, 0);  // a loop serves one session at least
    EXPECT_TRUE(gate.close(1));
    EXPECT_TRUE(gate.open(0));
}

TEST(LoadGate, LetsCallsOfTheBusyHandlerInBeyondTheLimit) {
    LoadGate gate;
    gate.set_limits(2, 1);
    EXPECT_FALSE(gate.next_is_busy(1));
    EXPECT_TRUE(gate.next_is_busy(2));
    EXPECT_FALSE(gate.close(2));
    gate.enter_busy();
    EXPECT_TRUE(gate.close(3));
    EXPECT_FALSE(gate.next_is_busy(2)) << "an ordinary one has ended";
    gate.leave_busy();
    EXPECT_TRUE(gate.next_is_busy(2));
}

}  // namespace
}  // namespace costrix::agi::detail
