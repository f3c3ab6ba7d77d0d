// SPDX-License-Identifier: MIT
// Call flows on a real Asterisk, and keys at random times.
#include "asterisk/flows_fixture.hpp"

#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/flows.hpp>
#include <costrix/agi/talk.hpp>

#include <atomic>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::FlowsTest;
using namespace std::chrono_literals;

TEST_F(FlowsTest, APinIsAskedForUntilItIsRight) {
    Asked given;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Ask pin({"vm-password", number(4), "digits/star"});
        pin.digits(4).attempts(3).first_key(3s).on_silence("vm-sorry").on_invalid("vm-incorrect");
        pin.accept([](std::string_view digits) { return digits == "1234"; });
        given = co_await pin.run(call);
    };
    auto call = answered();
    call.digits = "9999wwwwwwww1234";
    place(flow, call);
    EXPECT_EQ(given.digits, "1234");
    EXPECT_EQ(given.wrong_answers, 1);
}

TEST_F(FlowsTest, AConfirmationIsAskedForUntilThereIsOne) {
    std::vector<Confirmed> given;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Confirm keep({"digits/4", digits("7")});
        keep.first_key(2s).on_invalid("vm-sorry");
        for (int i = 0; i < 2; ++i)
            given.push_back(co_await keep.run(call));
    };
    auto call = answered();
    call.digits = "5wwwwwwww1www2";  // a wrong key, then yes; no
    place(flow, call);
    ASSERT_EQ(given.size(), 2U) << log_.text();
    EXPECT_TRUE(given[0]);
    EXPECT_EQ(given[1].end, AnswerEnd::given);
    EXPECT_FALSE(given[1].yes);
}

TEST_F(FlowsTest, ANameIsSpelled) {
    Spelled name;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Spell spell("vm-password");
        spell.next_letter(700ms).confirm([](const std::string& text) {
            return Confirm({letters(text), "vm-review"});
        });
        name = co_await spell.run(call);
    };
    auto call = answered();
    call.digits = "5266ww66*3#wwwwww1";  // J, A, N; another N that is erased; D
    place(flow, call);
    EXPECT_EQ(name.text, "JAND") << to_string(name.end) << log_.text();
}

/// A tone for 3 s, by the two-way audio, until one of `keys`.
asio::awaitable<std::optional<char>> tone(AudioLine& line, std::string keys) {
    std::vector<std::int16_t> samples(24000);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = i % 18 < 9 ? 8000 : -8000;
    line.write(samples);
    for (;;) {
        const auto first = co_await race(line.drained(), line.next_key());
        if (first.index() == 0)
            co_return std::nullopt;
        const auto key = std::get<1>(first);
        if (!key || keys.find(*key) != std::string::npos)
            co_return key;
    }
}

asio::awaitable<std::optional<char>> play_tone(AGI& call, std::string keys) {
    auto say = [keys](AudioLine& line) { return tone(line, keys); };
    co_return co_await talk(call, std::move(say));
}

TEST_F(FlowsTest, SoundOfOnesOwnIsAPartOfAPrompt) {
    std::vector<Asked> given;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Ask ask({"digits/1", play_tone, "digits/2"});
        ask.digits(3).first_key(4s).attempts(1);
        for (int i = 0; i < 2; ++i)
            given.push_back(co_await ask.run(call));
    };
    auto call = answered();
    call.after = 2500ms;
    call.digits = "*471wwwwwwwwww8wwwwww12";  // in the first tone; after the second one's end
    place(flow, call);
    ASSERT_EQ(given.size(), 2U) << log_.text();
    EXPECT_EQ(given[0].digits, "471");
    EXPECT_EQ(given[1].digits, "") << "8 in the second tone ends it, and 12 comes too late";
    EXPECT_EQ(given[1].end, AnswerEnd::invalid);
}

TEST_F(FlowsTest, AMenuGoesDownAndBack) {
    Chosen chosen;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Menu rooms("vm-options");
        rooms.on("2XX").back('*');
        Menu menu({"vm-youhave", number(3), "vm-messages", pause(500ms), "vm-options"});
        menu.on("1", rooms).repeat('9');
        chosen = co_await menu.run(call);
    };
    auto call = answered();
    call.digits = "1wwww*wwww9wwww1wwww234";
    place(flow, call);
    EXPECT_EQ(chosen.keys, "234");
    EXPECT_EQ(chosen.path, (std::vector<std::string>{"1", "234"}));
}

TEST_F(FlowsTest, AMessageIsRecordedAndKept) {
    Recorded recorded;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        RecordMessage message("/tmp/costrix-message");
        message.review("vm-review");
        recorded = co_await message.run(call);
    };
    auto call = answered();
    call.audio = "tone";
    call.after = 4000ms;
    call.digits = "#wwww1";
    place(flow, call);
    EXPECT_EQ(recorded.end, Recorded::End::kept);
    EXPECT_GT(recorded.length, 2s);
}

TEST_F(FlowsTest, MissingSoundsAreNamed) {
    std::vector<std::string> missing;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const std::vector<std::string> files{
            "vm-youhave",
            "no-such-file",
            "digits/1",
            "beep",
            "/usr/share/asterisk/sounds/en/vm-options",
            "other"};
        missing = co_await missing_sounds(call, files);
    };
    place(flow);
    EXPECT_EQ(missing, (std::vector<std::string>{"no-such-file", "other"}));
}

/// Callers of one manager connection, which takes a tenth of a second for each key. What goes wrong
/// is no exception in a thread but a number of keys.
int press_keys(test::CallPlan plan, int calls, int keys, unsigned seed) {
    int pressed = 0;
    try {
        test::AmiClient asterisk(test::port_of("AMI_PORT", 5038));
        std::vector<std::string> ids;
        for (int i = 0; i < calls; ++i)
            ids.push_back(asterisk.start(plan));
        std::minstd_rand random(seed);
        std::uniform_int_distribution<int> gap(0, 60);
        std::this_thread::sleep_for(1s);
        for (int key = 0; key < keys; ++key) {
            for (const auto& id : ids) {
                asterisk.press(id, static_cast<char>('0' + key % 10));
                ++pressed;
                std::this_thread::sleep_for(std::chrono::milliseconds(gap(random)));
            }
        }
        for (const auto& id : ids)
            asterisk.wait(id, 90s);
    } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
    }
    return pressed;
}

/// Five short parts, again and again for a minute: 75 times in which one follows another.
Prompt long_prompt() {
    const Prompt five("vm-youhave", "digits/5", "vm-messages", "digits/9", "vm-youhave");
    Prompt prompt;
    for (int i = 0; i < 15; ++i)
        prompt = Prompt(prompt, five);
    return prompt.keys(Prompt::Keys::keep);
}

/// Keys at random times over prompts of five parts that play on: how many are lost.
TEST_F(FlowsTest, KeysAtRandomTimesAreNotLost) {
    constexpr int kThreads = 20, kCalls = 5, kKeys = 100;
    std::atomic<int> taken = 0, pressed = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Ask ask(long_prompt());
        ask.digits(kKeys).first_key(10s).next_key(10s).attempts(1).ends_with("");
        std::size_t count = 0;
        ask.ends_when([&count](const std::string& digits) {
            count = digits.size();
            return false;
        });
        co_await ask.run(call);
        taken += static_cast<int>(count);
    };
    serve(flow);
    auto call = answered();
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= kThreads; ++seed)
        threads.emplace_back([&, seed] { pressed += press_keys(call, kCalls, kKeys, seed); });
    for (auto& thread : threads)
        thread.join();
    finish();
    std::cout << "keys lost: " << pressed - taken << " of " << pressed << "\n";
    EXPECT_EQ(pressed, kThreads * kCalls * kKeys);
    EXPECT_GE(taken.load(), pressed * 999 / 1000);
}

}  // namespace
}  // namespace costrix::agi
