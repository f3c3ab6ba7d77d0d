// SPDX-License-Identifier: MIT
// Parts of a prompt that are functions: sound of the program's own, with and without keys.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

/// Stands for an audio line: sound for 2 s, or until one of the keys.
asio::awaitable<std::optional<char>> speak(AGI& call, const std::string& keys) {
    StreamFile file("own");
    file.escape_digits(keys);
    const auto played = co_await call.execute(file);
    co_return played.key;
}

/// The same without keys.
asio::awaitable<void> chime(AGI& call) {
    const StreamFile file("chime");
    co_await call.execute(file);
}

/// The same with a result that has a key.
asio::awaitable<StreamFile::Result> stream(AGI& call, std::string keys) {
    StreamFile file("stream");
    file.escape_digits(std::move(keys));
    co_return co_await call.execute(file);
}

TEST(OwnSound, IsAPartOfAPromptAsAnyOther) {
    Ask ask({"before", speak, chime, stream, "after"});
    ask.digits(1).attempts(1).first_key(1s);
    const auto silent = run_flow(caller(), ask);
    EXPECT_EQ(silent.played(), (Strings{"before", "own", "chime", "stream", "after"}));
    EXPECT_EQ(silent.took, 11s);
}

TEST(OwnSound, IsCutShortByAKeyThatBeginsTheAnswer) {
    for (const std::string sound : {"own", "stream"}) {
        Ask ask({"before", speak, chime, stream, "after"});
        ask.digits(2);
        const auto run = run_flow(caller().press_during(sound, "42"), ask);
        EXPECT_EQ(run.result->digits, "42");
        EXPECT_EQ(run.played().back(), sound);
    }
}

TEST(OwnSound, PlaysToItsEndWithoutKeys) {
    Ask ask({"before", chime, "after"});
    ask.digits(1).attempts(1).first_key(1s);
    const auto run = run_flow(caller().press_during("chime", "4"), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.played(), (Strings{"before", "chime", "after"}));
}

TEST(OwnSound, IsNotCutShortInAPromptThatPlaysOut) {
    Ask ask(Prompt("before", speak).keys(Prompt::Keys::drop));
    ask.digits(1).attempts(1).first_key(1s);
    const auto run = run_flow(caller().press_during("own", "4"), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.took, 5s);
}

TEST(OwnSound, KeepsWhatItCaptures) {
    const std::string name = "a name that is too long for a string without memory of its own";
    const auto sound = [name](AGI& call, std::string) -> asio::awaitable<void> {
        const StreamFile file(name);
        co_await call.execute(file);
    };
    auto prompt = std::make_unique<Prompt>("before", sound);
    Ask ask(*prompt);
    prompt.reset();
    ask.attempts(1).first_key(1s);
    EXPECT_EQ(run_flow(caller(), ask).played(), (Strings{"before", name}));
}

TEST(OwnSound, FromMemoryIsHeardInItsPlaceAndAgain) {
    const auto words = testing::noise(1s);
    Ask ask({"before", Sound(words.samples()), "after"});
    ask.digits(1).attempts(2).first_key(1s);
    const auto run = run_flow(caller(), ask);
    EXPECT_EQ(run.played(), (Strings{"before", "after", "before", "after"}));
    const auto first = run.asterisk.heard().find(words);
    ASSERT_TRUE(first);
    EXPECT_GE(*first, 2s);
    EXPECT_LT(*first, 2050ms) << "after the first file";
    const auto again = run.asterisk.heard().find(words, *first + 1s);
    ASSERT_TRUE(again) << "in the second attempt";
    EXPECT_GE(*again, *first + 5900ms) << "1 s of sound, a file of 2 s, 1 s without a key, a file";
    EXPECT_LE(*again, *first + 6050ms);
}

TEST(OwnSound, FromMemoryIsCutShortByAKeyThatBeginsTheAnswer) {
    const auto words = testing::noise(5s);
    Ask ask({"before", Sound(words.samples()), "after"});
    ask.digits(2);
    auto scenario = caller();
    scenario.press("42", 3s);
    const auto run = run_flow(scenario, ask);
    EXPECT_EQ(run.result->digits, "42");
    EXPECT_EQ(run.played(), Strings{"before"});
    const auto samples = run.asterisk.heard().heard_of(words).samples;
    EXPECT_GE(samples, 7200U) << "about 1 s of it";
    EXPECT_LE(samples, 9600U);
}

TEST(OwnSound, EndsTheFlowByItsException) {
    Ask ask({"before", [](AGI&) -> asio::awaitable<void> {
                 throw std::runtime_error("no voice");
                 co_return;
             }});
    EXPECT_THROW(run_flow(caller(), ask), std::runtime_error);
}

TEST(OwnSound, ShowsInAMenuAndNeedsNoFile) {
    Menu menu({"before", speak});
    menu.on("1");
    EXPECT_EQ(to_text(menu), "menu: before + a sound of the program's own\n`-- 1  chosen\n");
    EXPECT_EQ(sounds_of(menu), Strings{"before"});
}

/// A pause is silence, in which a hangup is seen at once, keys or not.
TEST(Pause, EndsWithTheCaller) {
    for (const bool sighup : {true, false}) {
        for (const auto keys : {Prompt::Keys::interrupt, Prompt::Keys::drop}) {
            Ask ask(Prompt(pause(1min), "after").keys(keys));
            auto scenario = caller();
            scenario.agisighup(sighup).press("5", 2s).hang_up_after(20s);
            ask.keys("4");
            const auto run = run_flow(scenario, ask);
            EXPECT_FALSE(run.result);
            EXPECT_EQ(run.took, 20s);
            EXPECT_EQ(run.played(), Strings{});
        }
    }
}

}  // namespace
}  // namespace costrix::agi::test
