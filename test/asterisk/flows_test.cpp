// SPDX-License-Identifier: MIT
// Call flows and typed applications on a real Asterisk: keys at random times, and every result
// compared with what the dialplan's variables say.
#include "asterisk/asterisk_fixture.hpp"

#include <costrix/agi/applications.hpp>
#include <costrix/agi/flows.hpp>

#include <atomic>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

class FlowsTest : public test::AsteriskTest {
protected:
    /// Places a call that runs this handler to its end.
    void place(ScriptHandler handler, test::CallPlan call) {
        serve(std::move(handler));
        asterisk_.place(call, 180s);
        finish();
        EXPECT_FALSE(log_.has("error")) << log_.text();
    }
    void place(ScriptHandler handler) {
        auto call = plan("flows");
        call.answered = true;
        place(std::move(handler), call);
    }
};

TEST_F(FlowsTest, APinIsAskedForUntilItIsRight) {
    Asked given;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Ask pin({"vm-password", number(4), "digits/star"});
        pin.digits(4).attempts(3).first_key(3s).on_silence("vm-sorry").on_invalid("vm-incorrect");
        pin.accept([](std::string_view digits) { return digits == "1234"; });
        given = co_await pin.run(call);
    };
    auto call = plan("flows");
    call.answered = true;
    call.digits = "9999wwwwwwww1234";
    place(flow, call);
    EXPECT_EQ(given.digits, "1234");
    EXPECT_EQ(given.wrong_answers, 1);
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
    auto call = plan("flows");
    call.answered = true;
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
    auto call = plan("flows");
    call.answered = true;
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

/// Keys at random times over a prompt of five parts that plays on: how many are lost.
TEST_F(FlowsTest, KeysAtRandomTimesAreNotLost) {
    constexpr int kThreads = 20, kCalls = 5, kKeys = 100;
    std::atomic<int> taken = 0, pressed = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        Prompt prompt("vm-youhave", "digits/5", "vm-messages", "vm-options", "vm-instructions");
        Ask ask(prompt.keys(Prompt::Keys::keep));
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
    auto call = plan("flows");
    call.answered = true;
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

/// One variable, as the dialplan has it.
asio::awaitable<std::string> in_dialplan(AGI& call, std::string name) {
    const GetVariable action(name);
    const auto value = co_await call.execute(action);
    co_return value.value_or("");
}

TEST_F(FlowsTest, DialTellsWhatTheDialplanSays) {
    int right = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        struct Case {
            const char* who;
            Dialled::Status status;
        };
        const Case cases[] = {
            {"busy", Dialled::Status::busy},
            {"congestion", Dialled::Status::congestion},
            {"ring", Dialled::Status::no_answer},
            {"nobody", Dialled::Status::unavailable},
            {"answer", Dialled::Status::answered},
        };
        for (const auto& [who, status] : cases) {
            const Dial dial = Dial(std::string("Local/") + who + "@costrix-party/n")
                                  .timeout(2s)
                                  .longest(2s)
                                  .ringing();
            const Dialled dialled = co_await dial.run(call);
            const auto text = co_await in_dialplan(call, "DIALSTATUS");
            const auto talked = co_await in_dialplan(call, "ANSWEREDTIME_MS");
            const auto peer = co_await in_dialplan(call, "DIALEDPEERNAME");
            EXPECT_EQ(dialled.status, status) << who << ": " << text;
            EXPECT_EQ(dialled.text, text);
            EXPECT_EQ(dialled.peer, peer);
            EXPECT_EQ(talked.empty() ? "0" : talked, std::to_string(dialled.talked_time.count()));
            right += dialled.status == status ? 1 : 0;
        }
    };
    place(flow);
    EXPECT_EQ(right, 5);
}

TEST_F(FlowsTest, OptionsArriveExactly) {
    const std::string name = R"(Alice, "B" (c)d\e)";
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const Originate originate =
            Originate::to_extension("Local/answer@costrix-party/n", "costrix-sub", "caller-id")
                .caller_name(name)
                .caller_number("4711")
                .timeout(5s);
        const Originated originated = co_await originate.run(call);
        EXPECT_TRUE(originated) << originated.text;
        const Dial dial =
            Dial("Local/caller-id@costrix-sub/n").timeout(5s).caller_id("\"Alice, B. (c)\" <4711>");
        co_await dial.run(call);
    };
    place(flow);
    // The names in base 64: UserEvent would cut them at the comma.
    EXPECT_EQ(asterisk_.event("CostrixCallerId", 5s)["Name"], "QWxpY2UsICJCIiAoYylkXGU=");
    EXPECT_EQ(asterisk_.event("CostrixCallerId", 5s)["Name"], "QWxpY2UsIEIuIChjKQ==");
}

asio::awaitable<void> media_applications(AGI& call) {
    const Playback playback = Playback("beep").also("digits/1");
    const bool played = co_await playback.run(call);
    EXPECT_TRUE(played);
    const Playback missing("no-such-file");
    const bool nothing = co_await missing.run(call);
    EXPECT_FALSE(nothing);
    const BackGround background("beep");
    const BackGroundResult heard = co_await background.run(call);
    EXPECT_TRUE(heard.success);
    const Read read = Read("beep").timeout(1s);
    const ReadResult silent = co_await read.run(call);
    EXPECT_EQ(silent.status, ReadResult::Status::timeout);
    const Record record = Record("/tmp/costrix-record.wav").longest(1s).quiet();
    const RecordResult recorded = co_await record.run(call);
    EXPECT_EQ(recorded.status, RecordResult::Status::timeout);
    EXPECT_EQ(recorded.file, "/tmp/costrix-record");
    const MixMonitor monitor("/tmp/costrix-mix.wav");
    const MixMonitored mixed = co_await monitor.run(call);
    EXPECT_EQ(mixed.file, "/tmp/costrix-mix.wav");
    EXPECT_NE(mixed.id, "");
    const StopMixMonitor stop(mixed.id);
    co_await stop.run(call);
    const SendDTMF keys("12w#");
    co_await keys.run(call);
    const Wait wait(200ms);
    co_await wait.run(call);
}

asio::awaitable<void> other_applications(AGI& call) {
    SetVariables variables;
    const std::string text = R"(a, "b" (c)] [d\e)";
    variables.set("COSTRIX_ONE", text).set("COSTRIX_TWO", "2");
    co_await variables.run(call);
    const auto one = co_await in_dialplan(call, "COSTRIX_ONE");
    EXPECT_EQ(one, text);
    const AMD amd = AMD().total_analysis_time(1s);
    const AmdResult amd_result = co_await amd.run(call);
    const auto amd_status = co_await in_dialplan(call, "AMDSTATUS");
    EXPECT_NE(amd_status, "");
    EXPECT_EQ(amd_result.status == AmdResult::Status::not_sure, amd_status == "NOTSURE");
    const VoiceMail mail("no-such-box");
    const VoiceMailResult left = co_await mail.run(call);
    EXPECT_EQ(left.status, VoiceMailResult::Status::failed) << left.text;
    const Originate originate =
        Originate::to_application("Local/nobody@costrix-party/n", "Wait", "1").timeout(2s);
    const Originated originated = co_await originate.run(call);
    EXPECT_FALSE(originated);
    const auto originate_status = co_await in_dialplan(call, "ORIGINATE_STATUS");
    EXPECT_EQ(originated.text, originate_status);
    const Transfer transfer("PJSIP/nobody");
    const Transferred transferred = co_await transfer.run(call);
    const auto transfer_status = co_await in_dialplan(call, "TRANSFERSTATUS");
    EXPECT_EQ(transferred.text, transfer_status);
    EXPECT_FALSE(transferred);
}

TEST_F(FlowsTest, ApplicationsTellWhatTheDialplanSays) {
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await media_applications(call);
        co_await other_applications(call);
        reached_the_end = true;
    };
    auto call = plan("flows");
    call.answered = true;
    call.audio = "tone";
    place(flow, call);
    EXPECT_TRUE(reached_the_end) << log_.text();
}

}  // namespace
}  // namespace costrix::agi
