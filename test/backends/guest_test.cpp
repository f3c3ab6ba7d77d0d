// SPDX-License-Identifier: MIT
// The sample guest: a service with threads, other work and a shutdown of its own.
#include "backends/service.hpp"
#include "support/fences.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace costrix {
namespace {

using test::TcpPeer;
using namespace std::chrono_literals;

class Guest : public ::testing::Test {
protected:
    std::string status() { return TcpPeer(status_port_).line(); }
    /// A call that has been answered, and whose prompt plays.
    std::unique_ptr<TcpPeer> hear_the_prompt(const std::string& account) {
        auto asterisk = std::make_unique<TcpPeer>(port_);
        asterisk->call("balance/" + account);
        EXPECT_EQ(asterisk->line(), "ANSWER");
        asterisk->send("200 result=0\n");
        EXPECT_EQ(asterisk->line(), "STREAM FILE \"pls-hold-while-try\" \"\"");
        return asterisk;
    }
    /// The look-up ends, and so does the prompt; returns what the handler did then.
    static std::string hear_the_rest(TcpPeer& asterisk) {
        const auto said = test::answer_fences(asterisk) + "\n";
        asterisk.send("200 result=0\n");
        return said + asterisk.answer_all();
    }

    test::Service service_{{COSTRIX_BIN_DIR "/guest", "0", "0"}};
    std::uint16_t port_ = service_.port();
    std::uint16_t status_port_ = service_.number_behind("status on port ");
};

TEST_F(Guest, AnswersOthersWhileEveryThreadOfThePoolIsBlocked) {
    std::vector<std::unique_ptr<TcpPeer>> calls;
    for (int i = 0; i < 8; ++i)  // twice as many as the pool has threads: 0.8 s of blocking
        calls.push_back(hear_the_prompt(std::to_string(10 + i)));
    std::string said;
    EXPECT_LT(test::time_of([&] { said = status(); }), 350ms);
    EXPECT_EQ(said, "calls: 8");
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(
            hear_the_rest(*calls[static_cast<std::size_t>(i)]),
            "SAY DIGITS \"" + std::to_string(10 + i) + "00\" \"\"\n"
        );
    EXPECT_TRUE(test::eventually([&] { return status() == "calls: 0"; }));
}

TEST_F(Guest, EndsAfterTheLastCall) {
    const auto call = hear_the_prompt("42");
    service_.signal(SIGTERM);
    EXPECT_TRUE(test::eventually([&] { return test::refuses(port_); }));
    EXPECT_EQ(status(), "calls: 1");
    EXPECT_EQ(hear_the_rest(*call), "SAY DIGITS \"4200\" \"\"\n");
    EXPECT_EQ(service_.wait(), 0) << service_.output();
}

TEST_F(Guest, EndsAtOnceOnASecondSignal) {
    const TcpPeer idle(status_port_);
    TcpPeer held(port_);
    held.call("balance/1");
    EXPECT_EQ(held.line(), "ANSWER");  // and no reply, ever
    service_.signal(SIGTERM);
    EXPECT_TRUE(test::eventually([&] { return test::refuses(port_); }));
    service_.signal(SIGTERM);
    EXPECT_LT(test::time_of([&] { EXPECT_EQ(service_.wait(), 0); }), 5s);
    EXPECT_EQ(held.line(), "<eof>");
}

TEST_F(Guest, SaysThatAPortIsInUse) {
    test::ChildProcess second({COSTRIX_BIN_DIR "/guest", "0", std::to_string(status_port_)});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_TRUE(second.output().starts_with("guest: bind: Address already in use"))
        << second.output();
}

}  // namespace
}  // namespace costrix
