// SPDX-License-Identifier: MIT
// Recordings as tests: what passes, what does not and where, and what was only a matter of time.
#include <costrix/agi.hpp>
#include <costrix/testing/replay.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHead = "# scenario: x\n"
                              "< agi_network: yes\n"
                              "< agi_network_script: survey\n"
                              "< agi_request: agi://127.0.0.1/survey\n"
                              "< agi_version: 22.10.1\n"
                              "< agi_extension: 100\n"
                              "<\n";

Conversation recorded(const std::string& body) {
    return conversation_of(Transcript::parse(kHead + body), "x.agi");
}

asio::awaitable<void> recorded_survey(agi::AGI& call, const agi::Request& request) {
    EXPECT_EQ(request.path, "survey");
    co_await call.execute(agi::Answer());
    const auto said = co_await call.execute(agi::GetData("vm-options").timeout(5s).max_digits(1));
    if (said.digits == "1")
        co_await call.execute(agi::Verbose("one"));
    co_await call.sleep_for(1s);
    co_await call.execute(agi::SetVariable("DONE", "yes"));
}

const std::string kCall = "> ANSWER\n"
                          "# +0.50 s\n"
                          "< 200 result=0\n"
                          "> GET DATA \"vm-options\" 5000 1\n"
                          "# +2.25 s\n"
                          "< 200 result=2\n"
                          "# +7.00 s\n"
                          "> SET VARIABLE \"DONE\" \"yes\"\n"
                          "< 200 result=1\n"
                          "! script closes the connection\n";

TEST(Replay, PassesWhenTheHandlerDoesAsItDid) {
    const auto end = recorded(kCall).run(recorded_survey);
    EXPECT_FALSE(end.hung_up);
    EXPECT_EQ(end.took, 3750ms);  // Asterisk's time as it was, the handler's as it is
}

TEST(Replay, NamesTheLineOfTheRecording) {
    auto changed = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Answer());
        co_await call.execute(agi::GetData("vm-options").timeout(6s).max_digits(1));
    };
    try {
        recorded(kCall).run(changed);
        FAIL() << "no mismatch";
    } catch (const Mismatch& mismatch) {
        EXPECT_EQ(mismatch.where().file(), "x.agi");
        EXPECT_EQ(mismatch.where().line(), 11U);
        EXPECT_EQ(mismatch.expected(), "GET DATA \"vm-options\" 5000 1");
        EXPECT_EQ(mismatch.actual(), "GET DATA \"vm-options\" 6000 1");
    }
}

TEST(Replay, ReadsAFile) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "costrix-replay-test.agi";
    std::ofstream(file) << kHead << kCall;
    EXPECT_EQ(replay(file, recorded_survey).took, 3750ms);
    EXPECT_THROW(replay(file, CallFlow("other", recorded_survey)), std::invalid_argument);
    std::filesystem::remove(file);
    EXPECT_THROW(replay(file, recorded_survey), std::runtime_error);
    EXPECT_THROW(
        static_cast<void>(conversation_of(Transcript::parse("> ANSWER\n"))), std::runtime_error
    );
}

TEST(Replay, StopsPromptsAsTheyWereStopped) {
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        const auto hold = agi::StreamFile("hold").escape_digits("5");
        const auto played = co_await call.execute_during(hold, call.sleep_for(2s));
        EXPECT_FALSE(played.played);
        const auto again = co_await call.execute_during(hold, call.sleep_for(2s));
        EXPECT_EQ(again.played->key, '5');
    };
    recorded("> STREAM FILE \"hold\" \"5\"\n# +2.00 s\n"
             "> GET FULL VARIABLE \"costrix-fence-1\"\n"
             "< 200 result=1 (costrix-fence-1)\n"
             "> STREAM FILE \"hold\" \"5\"\n# +2.00 s\n"
             "> GET FULL VARIABLE \"costrix-fence-2\"\n"
             "< 200 result=53 endpos=80\n"
             "< 200 result=1 (costrix-fence-2)\n")
        .run(flow);
}

TEST(Replay, AnswersInSeveralLines) {
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Gosub("sub", "s", "1"));
        const auto value = co_await call.execute(agi::GetVariable("V"));
        EXPECT_EQ(value, "one\ntwo");
        co_await call.send("NONSENSE x");
    };
    recorded("> GOSUB \"sub\" \"s\" \"1\"\n"
             "< 100 result=0 Trying...\n# +1.00 s\n"
             "< 200 result=0 Gosub complete\n"
             "> GET VARIABLE \"V\"\n"
             "< 200 result=1 (one\n"
             "< two)\n"
             "> NONSENSE x\n"
             "< 520-Invalid command syntax.  Proper usage follows:\n"
             "< some text\n"
             "< 520 End of proper usage.\n")
        .run(flow);
}

TEST(Replay, DoesNotMindWhenTheLibraryAsks) {
    const std::string asks = "> GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n";
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Noop());
        co_await call.wait_for_hangup();
    };
    const auto end =
        recorded(
            "> NOOP\n< 200 result=0\n"
            "# +30.00 s\n" +
            asks + "< 200 result=1 (0)\n# +5.00 s\n" + asks + "< HANGUP\n< 200 result=1 (1)\n"
        )
            .run(flow);
    EXPECT_TRUE(end.hung_up);
    EXPECT_EQ(end.took, 35s);
}

TEST(Replay, HangsUpInMidCommand) {
    const auto end = recorded("> ANSWER\n< 200 result=0\n"
                              "> GET DATA \"vm-options\" 5000 1\n# +1.00 s\n"
                              "< 200 result=-1\n"
                              "< HANGUP\n"
                              "! script closes the connection\n")
                         .run(recorded_survey);
    EXPECT_TRUE(end.hung_up);
    EXPECT_EQ(end.took, 1s);
}

TEST(Replay, DoesNotMindWhenExactlyTheCallerHungUp) {
    const std::string begin = "> ANSWER\n< 200 result=0\n"
                              "> GET DATA \"vm-options\" 5000 1\n< 200 result=1\n";
    // Now the handler is at its next command before the hangup.
    EXPECT_TRUE(recorded(begin + "# +0.30 s\n< HANGUP\n").run(recorded_survey).hung_up);
    // Then it was.
    const auto raced = begin +
                       "< HANGUP\n"
                       "> VERBOSE \"one\" 1\n"
                       "< 511 Command Not Permitted on a dead channel or intercept routine\n"
                       "! script closes the connection\n";
    EXPECT_TRUE(recorded(raced).run(recorded_survey).hung_up);
    // What was done after the hangup must be done again.
    const auto cleaned = begin + "< HANGUP\n> SET VARIABLE \"X\" \"1\"\n< 200 result=1\n";
    EXPECT_THROW(recorded(cleaned).run(recorded_survey), Mismatch);
}

TEST(Replay, EndsWhereTheRecordingWasCutOff) {
    EXPECT_TRUE(recorded("> ANSWER\n< 200 result=0\n# cut off: over 100 bytes\n")
                    .run(recorded_survey)
                    .hung_up);
    EXPECT_TRUE(
        recorded("> ANSWER\n! asterisk closes the connection\n").run(recorded_survey).hung_up
    );
}

}  // namespace
}  // namespace costrix::testing
