// SPDX-License-Identifier: MIT
// When the calls of a load begin, and which address they connect to.
#include "tool/load/call_pacer.hpp"
#include "tool/load/server_addresses.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;

class CallPacerTest : public ::testing::Test {
protected:
    /// The number of calls that one round begins.
    int round(CallPacer& pacer, std::chrono::nanoseconds at) {
        int begun = 0;
        pacer.start_round();
        while (pacer.begin_next(start + at))
            ++begun;
        return begun;
    }

    const CallPacer::Time start = CallPacer::Time{} + 1h;
    LoadOptions options;
    Recorder recorder{start};
};

TEST_F(CallPacerTest, BeginsCallsByTheSchedule) {
    options.rate = 100;
    options.calls = 3;
    CallPacer pacer(options, recorder, start);
    EXPECT_EQ(round(pacer, 0ms), 1);
    EXPECT_EQ(round(pacer, 9ms), 0);
    EXPECT_EQ(pacer.next_round(start + 9ms), start + 10ms);
    EXPECT_EQ(round(pacer, 50ms), 2);
    EXPECT_EQ(pacer.next_round(start + 50ms), CallPacer::Time::max());
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(pacer.done(start + 60ms));
        pacer.ended(start + 60ms);
    }
    EXPECT_TRUE(pacer.done(start + 60ms));
    EXPECT_EQ(recorder.result().late, 2U);
    EXPECT_EQ(recorder.result().held_back, 0U);
}

TEST_F(CallPacerTest, BeginsACallWhenAnotherHasEnded) {
    options.concurrency = 2;
    CallPacer pacer(options, recorder, start);
    EXPECT_EQ(round(pacer, 0ms), 2);
    EXPECT_EQ(pacer.next_round(start), CallPacer::Time::max());
    pacer.ended(start + 5ms);
    EXPECT_EQ(round(pacer, 5ms), 1);
    pacer.ended(start + 6ms);
    pacer.wait_until(start + 100ms);
    EXPECT_EQ(round(pacer, 6ms), 0);
    EXPECT_EQ(pacer.next_round(start + 6ms), start + 100ms);
    EXPECT_EQ(round(pacer, 100ms), 1);
    EXPECT_EQ(recorder.result().max_at_once, 2U);
}

TEST_F(CallPacerTest, LimitsTheCallsOfOneRound) {
    options.rate = 1000;
    CallPacer pacer(options, recorder, start);
    EXPECT_EQ(round(pacer, 99500us), 64);
    EXPECT_EQ(pacer.next_round(start + 99500us), start + 99500us);  // without waiting
    EXPECT_EQ(round(pacer, 99500us), 36);
}

TEST_F(CallPacerTest, CountsCallsThatNeverHadRoom) {
    options.rate = 10;
    options.concurrency = 1;
    options.duration = 1s;
    CallPacer pacer(options, recorder, start);
    EXPECT_EQ(round(pacer, 0ms), 1);
    EXPECT_EQ(round(pacer, 500ms), 0);
    pacer.ended(start + 550ms);
    EXPECT_EQ(round(pacer, 550ms), 1);
    EXPECT_EQ(recorder.result().held_back, 1U);
    EXPECT_EQ(round(pacer, 1s), 0);
    EXPECT_TRUE(pacer.stopping());
    EXPECT_EQ(recorder.result().never_made, 8U);
    EXPECT_EQ(pacer.begun_until(start + 2s), start + 1s);
}

TEST_F(CallPacerTest, BeginsNoCallAfterItHasStopped) {
    CallPacer pacer(options, recorder, start);
    pacer.stop();
    EXPECT_EQ(round(pacer, 0ms), 0);
    EXPECT_TRUE(pacer.done(start));
}

TEST(ServerAddresses, KeepTheFirstThatAccepts) {
    ServerAddresses addresses(std::vector<Address>(3));
    EXPECT_TRUE(addresses.try_next(0));
    EXPECT_TRUE(addresses.try_next(0));  // a second call that tried the same one
    EXPECT_EQ(addresses.current(), 1U);
    addresses.accepted();
    EXPECT_FALSE(addresses.try_next(1));
    EXPECT_EQ(addresses.current(), 1U);
}

TEST(ServerAddresses, EndWithTheLast) {
    ServerAddresses addresses(std::vector<Address>(2));
    EXPECT_TRUE(addresses.try_next(0));
    EXPECT_FALSE(addresses.try_next(1));
    EXPECT_FALSE(addresses.reached());
}

}  // namespace
}  // namespace costrix::tool
