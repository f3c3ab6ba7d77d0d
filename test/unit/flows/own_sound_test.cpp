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
