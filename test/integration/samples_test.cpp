// SPDX-License-Identifier: MIT
// The samples do what their first lines say.
#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace costrix {
namespace {

using test::ChildProcess;

class SampleTest : public ::testing::Test {
protected:
    explicit SampleTest(const char* program = COSTRIX_BIN_DIR "/ivr") : service_({program, "0"}) {}

    void SetUp() override {
        ASSERT_TRUE(service_.wait_for("listening on port ")) << service_.output();
        port_ = std::to_string(std::atoi(service_.output().c_str() + 18));
    }
    /// What place_call prints of this call; empty when it fails.
    std::string call(const std::string& path, const std::string& keys) {
        ChildProcess caller({COSTRIX_BIN_DIR "/place_call", port_, path, keys});
        const int status = caller.wait();
        EXPECT_EQ(status, 0) << caller.output();
        return caller.output();
    }
    void expect_orderly_end() {
        service_.signal(SIGTERM);
        EXPECT_EQ(service_.wait(), 0) << service_.output();
    }

    ChildProcess service_;
    std::string port_;
};

TEST_F(SampleTest, TheIvrTakesAMenuChoice) {
    const auto said = call("menu", "2");
    EXPECT_NE(said.find("caller presses 7"), std::string::npos) << said;
    EXPECT_NE(said.find("plays invalid"), std::string::npos) << said;
    EXPECT_NE(said.find("SET VARIABLE \"DEPARTMENT\" \"2\""), std::string::npos) << said;
    EXPECT_NE(said.find("AGISTATUS HANGUP"), std::string::npos) << said;
    expect_orderly_end();
    EXPECT_NE(service_.output().find(" menu: "), std::string::npos) << service_.output();
}

TEST_F(SampleTest, TheIvrTakesAPinFromThePath) {
    const auto said = call("pin/1234", "1234");
    EXPECT_NE(said.find("SET VARIABLE \"PIN_OK\" \"1\""), std::string::npos) << said;
    EXPECT_NE(call("pin/1234", "9999").find("\"PIN_OK\" \"0\""), std::string::npos);
    expect_orderly_end();
}

TEST_F(SampleTest, TheIvrHasADefault) {
    EXPECT_NE(call("nowhere", "1").find("VERBOSE \"no script nowhere\" 1"), std::string::npos);
    expect_orderly_end();
}

TEST_F(SampleTest, SayThatTheirPortIsInUse) {
    for (const char* program : {COSTRIX_BIN_DIR "/ivr", COSTRIX_BIN_DIR "/please_hold"}) {
        ChildProcess second({program, port_});
        EXPECT_EQ(second.wait(), 1);
        EXPECT_NE(
            second.output().find(
                ": cannot listen on \"localhost\" port " + port_ + ": Address already in use\n"
            ),
            std::string::npos
        ) << second.output();
    }
    expect_orderly_end();
}

class PleaseHold : public SampleTest {
protected:
    PleaseHold() : SampleTest(COSTRIX_BIN_DIR "/please_hold") {}
};

TEST_F(PleaseHold, CutsThePromptShortWhenTheLookUpIsDone) {
    const auto said = call("customer", "1");
    EXPECT_NE(said.find("GET FULL VARIABLE \"costrix-fence-1\""), std::string::npos) << said;
    EXPECT_NE(said.find("SET VARIABLE \"CUSTOMER\" \"Alice\""), std::string::npos) << said;
    EXPECT_NE(said.find("AGISTATUS SUCCESS"), std::string::npos) << said;
    expect_orderly_end();
}

TEST(NestedMenuSample, ShowsItsTree) {
    ChildProcess text({COSTRIX_BIN_DIR "/nested_menu", "--text"});
    EXPECT_EQ(text.wait(), 0);
    EXPECT_TRUE(text.output().starts_with("menu: welcome + main-menu\n|-- 1  rooms: for-rooms\n"))
        << text.output();
    ChildProcess picture({COSTRIX_BIN_DIR "/nested_menu", "--svg"});
    EXPECT_EQ(picture.wait(), 0);
    EXPECT_TRUE(picture.output().starts_with("<svg ")) << picture.output();
}

class AskPinSample : public SampleTest {
protected:
    AskPinSample() : SampleTest(COSTRIX_BIN_DIR "/ask_pin") {}
};

TEST_F(AskPinSample, FindsTheCustomerOfAPin) {
    const auto said = call("login", "1234");
    EXPECT_NE(said.find("SET VARIABLE \"CUSTOMER\" \"Alice\""), std::string::npos) << said;
    expect_orderly_end();
}

TEST(OwnAction, SendsItsLineAndRefusesWhatItMust) {
    ChildProcess program({COSTRIX_BIN_DIR "/own_action"});
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(
        program.output(),
        "GET FULL VARIABLE \"${ACCOUNT(name)}\"\n"
        "!key has characters that mean something in the dialplan\n"
    );
}

}  // namespace
}  // namespace costrix
