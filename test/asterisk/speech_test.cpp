// SPDX-License-Identifier: MIT
// The SPEECH commands on a real engine, by way of res_speech_aeap.
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/speech_engine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

const std::string two_results = R"([{"text":"one","score":90,"grammar":"numbers","best":0},)"
                                R"({"text":"wan","score":40,"grammar":"names","best":0}])";

class Speech : public test::AsteriskTest {
protected:
    /// A caller whose line carries a tone; AGISTATUS.
    std::string talk(ScriptHandler handler) {
        serve(std::move(handler));
        auto call = plan();
        call.answered = true;
        call.audio = "tone";
        const auto status = asterisk_.place(call).agistatus;
        finish();
        expect_nothing_wrong();
        return status;
    }
    /// What SPEECH RECOGNIZE makes of results that an engine sends.
    SpeechRecognize::Result recognize(std::string results) {
        const test::SpeechEngine engine(port_, {std::move(results)});
        SpeechRecognize::Result result;
        std::optional<std::string> next;
        auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await call.execute(SpeechCreate("costrix"));
            result = co_await call.execute(SpeechRecognize("beep", 10s));
            EXPECT_FALSE(call.hung_up());
            next = co_await call.execute(GetVariable("CONTEXT"));
        };
        EXPECT_EQ(talk(flow), "SUCCESS");
        EXPECT_EQ(next, "costrix-agi");  // in step
        return result;
    }

    const std::uint16_t port_ = test::port_of("AEAP_PORT", 5039);
};

TEST_F(Speech, GivesWhatTheEngineHeard) {
    const auto result = recognize(two_results);
    EXPECT_EQ(result.stopped_by, SpeechRecognize::StoppedBy::speech);
    ASSERT_EQ(result.heard.size(), 2U);
    EXPECT_EQ(result.endpos, Samples());  // this module never says where the prompt was
    EXPECT_EQ(result.heard[0].text, "one");
    EXPECT_EQ(result.heard[0].score, 90);
    EXPECT_EQ(result.heard[0].grammar, "numbers");
    EXPECT_EQ(result.heard[1].text, "wan");
    EXPECT_EQ(result.heard[1].score, 40);
    EXPECT_EQ(result.heard[1].grammar, "names");
}

TEST_F(Speech, MayHearNothingAtAll) {
    const auto result = recognize("[]");
    EXPECT_EQ(result.stopped_by, SpeechRecognize::StoppedBy::speech);
    EXPECT_TRUE(result.heard.empty());
}

TEST_F(Speech, HearsAgainAndAgain) {
    const test::SpeechEngine engine(port_, {two_results, two_results});
    std::vector<std::size_t> heard;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SpeechCreate());  // the only engine
        co_await call.execute(SpeechSet("language", "en"));
        for (int i = 0; i < 2; ++i) {
            const auto result = co_await call.execute(SpeechRecognize("beep", 10s));
            heard.push_back(result.heard.size());
        }
        co_await call.execute(SpeechDestroy());
    };
    EXPECT_EQ(talk(flow), "SUCCESS");
    EXPECT_EQ(heard, (std::vector<std::size_t>{2, 2}));
}

TEST_F(Speech, ATimeOutEndsIt) {
    const test::SpeechEngine engine(port_);
    std::optional<SpeechRecognize::StoppedBy> stopped_by;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SpeechCreate("costrix"));
        stopped_by = (co_await call.execute(SpeechRecognize("beep", 1s))).stopped_by;
    };
    EXPECT_EQ(talk(flow), "SUCCESS");
    EXPECT_EQ(stopped_by, SpeechRecognize::StoppedBy::timeout);
}

TEST_F(Speech, AKeyEndsIt) {
    const test::SpeechEngine engine(port_);
    SpeechRecognize::Result result;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SpeechCreate("costrix"));
        result = co_await call.execute(SpeechRecognize("tt-monkeys", 10s));
    };
    serve(flow);
    auto call = plan();
    call.answered = true;
    call.digits = "5";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(result.stopped_by, SpeechRecognize::StoppedBy::key);
    EXPECT_EQ(result.key, '5');
}

TEST_F(Speech, ListensWithoutAPromptThatIsMissing) {
    const test::SpeechEngine engine(port_, {two_results});
    std::optional<SpeechRecognize::StoppedBy> stopped_by;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SpeechCreate("costrix"));
        stopped_by = (co_await call.execute(SpeechRecognize("no-such-file", 10s))).stopped_by;
    };
    EXPECT_EQ(talk(flow), "SUCCESS");
    EXPECT_EQ(stopped_by, SpeechRecognize::StoppedBy::speech);
}

TEST_F(Speech, WhatIsNotThereIsRefused) {
    int refusals = 0;
    auto refused = [&refusals](AGI& call, auto action) -> asio::awaitable<void> {
        try {
            co_await call.execute(action);
        } catch (const AGIAppError&) {
            ++refusals;
        }
    };
    std::optional<test::SpeechEngine> engine;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await refused(call, SpeechCreate("costrix"));  // nobody listens
        engine.emplace(port_);
        co_await refused(call, SpeechCreate("no-such-engine"));
        co_await call.execute(SpeechCreate("costrix"));
        co_await refused(call, SpeechCreate("costrix"));       // there is one
        co_await refused(call, SpeechLoadGrammar("a", "/b"));  // none in this protocol
        co_await refused(call, SpeechActivateGrammar("a"));
        co_await call.execute(SpeechDestroy());
        co_await refused(call, SpeechDestroy());
    };
    EXPECT_EQ(talk(flow), "SUCCESS");
    EXPECT_EQ(refusals, 6);
}

// What is heard can be made to look like anything; it must not become more than a text.

TEST_F(Speech, ATextCannotForgeAGrammar) {
    const auto result = recognize(R"([{"text":"x\" grammar0=evil","score":9,"grammar":"g"}])");
    ASSERT_EQ(result.heard.size(), 1U);
    EXPECT_EQ(result.heard[0].grammar, "g");
}

TEST_F(Speech, ALineFeedEndsATextAndTheSessionStaysInStep) {
    const auto result = recognize(R"([{"text":"a\nb","score":9,"grammar":"g"}])");
    ASSERT_EQ(result.heard.size(), 1U);
    EXPECT_EQ(result.heard[0].text, "a");
}

TEST_F(Speech, TheLongestTextIsCutAndTheSessionStaysInStep) {
    const auto text = std::string(5000, 'x');
    const auto result = recognize(R"([{"text":")" + text + R"(","score":9,"grammar":"g"}])");
    EXPECT_EQ(result.stopped_by, SpeechRecognize::StoppedBy::speech);
    ASSERT_LE(result.heard.size(), 1U);
}

}  // namespace
}  // namespace costrix::agi
