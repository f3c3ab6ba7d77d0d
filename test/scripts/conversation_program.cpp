// SPDX-License-Identifier: MIT
// A user's tests: one conversation goes otherwise than written, one has no steps. A test runs it.
#include <costrix/agi.hpp>
#include <costrix/testing/conversation.hpp>
#include <costrix/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <iostream>

namespace {

namespace agi = costrix::agi;
using costrix::testing::Conversation;

asio::awaitable<void> answer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

TEST(Support, Hangs) {
    Conversation call;
    call.expect("HANGUP");  // line 22
    call.run(answer);
    std::cout << "goes on" << std::endl;
}

TEST(Support, SaysNothing) {
    Conversation call;
    call.run(answer);  // line 29
}

TEST(Support, Answers) {
    Conversation call;
    call.expect("ANSWER").reply("200 result=0");
    call.run(answer);
}

}  // namespace
