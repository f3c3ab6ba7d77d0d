// SPDX-License-Identifier: MIT
// Typed applications on a real Asterisk: each is run, and its result compared with what the
// dialplan's variables say.
#include "asterisk/ari_application.hpp"
#include "asterisk/flows_fixture.hpp"

#include <costrix/agi/applications.hpp>
#include <costrix/agi/exceptions.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace costrix::agi {
namespace {

using test::FlowsTest;
using namespace std::chrono_literals;

class ApplicationsTest : public FlowsTest {
protected:
    /// Sends everyone out of the first conference that there is; false when there is none in 10 s.
    bool empty_a_conference() {
        for (const auto end = std::chrono::steady_clock::now() + 10s;
             std::chrono::steady_clock::now() < end;
             std::this_thread::sleep_for(100ms)) {
            const auto list = asterisk_.command("confbridge list");
            const auto digit = list.find_first_of("0123456789", list.rfind('='));
            if (digit == std::string::npos)
                continue;
            const auto name = list.substr(digit, list.find(' ', digit) - digit);
            std::this_thread::sleep_for(500ms);  // Page has it before its phones have
            asterisk_.command("confbridge kick " + name + " all");
            return true;
        }
        return false;
    }
};

asio::awaitable<void> expect_variable(AGI& call, std::string name, std::string value) {
    const auto told = co_await test::in_dialplan(call, name);
    EXPECT_EQ(value, told) << name;
}

TEST_F(ApplicationsTest, DialTellsWhatTheDialplanSays) {
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
            EXPECT_EQ(dialled.status, status) << who << ": " << dialled.text;
            co_await expect_variable(call, "DIALSTATUS", dialled.text);
            co_await expect_variable(call, "DIALEDPEERNAME", dialled.peer);
            co_await expect_variable(call, "DIALEDPEERNUMBER", dialled.number);
            const auto cause = dialled.cause ? std::to_string(*dialled.cause) : std::string();
            co_await expect_variable(call, "HANGUPCAUSE", cause);
            const auto talked = co_await test::in_dialplan(call, "ANSWEREDTIME_MS");
            EXPECT_EQ(talked.empty() ? "0" : talked, std::to_string(dialled.talked_time.count()));
            right += dialled.status == status ? 1 : 0;
        }
    };
    place(flow);
    EXPECT_EQ(right, 5);
}

/// A -1 of Dial that is a hangup, with a HANGUP line and without one.
TEST_F(ApplicationsTest, DialThrowsAtAHangupAlsoWithoutAGISIGHUP) {
    int thrown = 0;
    std::vector<Dialled> told;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        try {
            const Dial dial("Local/answer@costrix-party/n");
            co_await dial.run(call);
            ADD_FAILURE() << "the caller has not hung up";
        } catch (const AGIResultHangup&) {
            ++thrown;
        }
        call.allow_after_hangup();
        auto last = Dial::result_of_last(call);
        told.push_back(co_await std::move(last));
        co_await expect_variable(call, "DIALSTATUS", told.back().text);
    };
    serve(flow);
    for (const char* sighup : {"yes", "no"}) {
        auto call = answered();
        call.hangup_after = 2s;
        call.variables["AGISIGHUP"] = sighup;
        asterisk_.place(call, 20s);
    }
    finish();
    EXPECT_EQ(thrown, 2) << log_.text();
    ASSERT_EQ(told.size(), 2U);
    for (const auto& dialled : told) {
        EXPECT_EQ(dialled.status, Dialled::Status::answered) << dialled.text;
        EXPECT_GT(dialled.talked_time, 1s);
    }
}

TEST_F(ApplicationsTest, OptionsArriveExactly) {
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

asio::awaitable<void> play_and_read(AGI& call) {
    const Playback playback = Playback("beep").also("digits/1");
    const bool played = co_await playback.run(call);
    EXPECT_TRUE(played);
    co_await expect_variable(call, "PLAYBACKSTATUS", "SUCCESS");
    const Playback missing("no-such-file");
    const bool nothing = co_await missing.run(call);
    EXPECT_FALSE(nothing);
    co_await expect_variable(call, "PLAYBACKSTATUS", "FAILED");
    const BackGround background("beep");
    const BackGroundResult heard = co_await background.run(call);
    EXPECT_TRUE(heard.success);
    co_await expect_variable(call, "BACKGROUNDSTATUS", "SUCCESS");
    const Read silence = Read("beep").timeout(1s);
    const ReadResult silent = co_await silence.run(call);
    EXPECT_EQ(silent.status, ReadResult::Status::timeout);
    co_await expect_variable(call, "READSTATUS", "TIMEOUT");
    const Read read = Read("vm-instructions").max_digits(2).timeout(5s);
    const ReadResult entered = co_await read.run(call);
    EXPECT_EQ(entered.status, ReadResult::Status::ok);
    EXPECT_EQ(entered.digits, "47");
    co_await expect_variable(call, "READSTATUS", "OK");
    co_await expect_variable(call, "COSTRIX_READ", entered.digits);
    const BackGround interrupted("vm-instructions");
    const BackGroundResult key = co_await interrupted.run(call);
    EXPECT_EQ(key.key, '5');
}

asio::awaitable<void> record_and_wait(AGI& call) {
    const Record record = Record("/tmp/costrix-record.wav").longest(1s).quiet();
    const RecordResult recorded = co_await record.run(call);
    EXPECT_EQ(recorded.status, RecordResult::Status::timeout);
    co_await expect_variable(call, "RECORD_STATUS", "TIMEOUT");
    co_await expect_variable(call, "RECORDED_FILE", recorded.file);
    EXPECT_EQ(recorded.file, "/tmp/costrix-record");
    const MixMonitor monitor("/tmp/costrix-mix.wav");
    const MixMonitored mixed = co_await monitor.run(call);
    EXPECT_EQ(mixed.file, "/tmp/costrix-mix.wav");
    EXPECT_NE(mixed.id, "");
    co_await expect_variable(call, "MIXMONITOR_FILENAME", mixed.file);
    co_await expect_variable(call, "COSTRIX_MIXMONITOR", mixed.id);
    const StopMixMonitor stop(mixed.id);
    co_await stop.run(call);
    const SendDTMF keys("12w#");
    co_await keys.run(call);
    const auto before = call.now();
    const Wait wait(200ms);
    co_await wait.run(call);
    EXPECT_GE(call.now() - before, 190ms);
}

asio::awaitable<void> other_applications(AGI& call) {
    SetVariables variables;
    const std::string text = R"(a, "b" (c)] [d\e)";
    variables.set("COSTRIX_ONE", text).set("COSTRIX_TWO", "2");
    co_await variables.run(call);
    co_await expect_variable(call, "COSTRIX_ONE", text);
    co_await expect_variable(call, "COSTRIX_TWO", "2");
    const AMD amd = AMD().total_analysis_time(1s);
    const AmdResult amd_result = co_await amd.run(call);
    const auto amd_status = co_await test::in_dialplan(call, "AMDSTATUS");
    EXPECT_NE(amd_status, "");
    EXPECT_EQ(amd_result.status == AmdResult::Status::not_sure, amd_status == "NOTSURE");
    EXPECT_EQ(amd_result.status == AmdResult::Status::machine, amd_status == "MACHINE");
    co_await expect_variable(call, "AMDCAUSE", amd_result.cause);
    const Originate originate =
        Originate::to_application("Local/nobody@costrix-party/n", "Wait", "1").timeout(2s);
    const Originated originated = co_await originate.run(call);
    EXPECT_FALSE(originated);
    co_await expect_variable(call, "ORIGINATE_STATUS", originated.text);
    const Transfer transfer("PJSIP/nobody");
    const Transferred transferred = co_await transfer.run(call);
    EXPECT_FALSE(transferred);
    co_await expect_variable(call, "TRANSFERSTATUS", transferred.text);
    co_await expect_variable(call, "TRANSFERSTATUSPROTOCOL", transferred.protocol);
}

TEST_F(ApplicationsTest, OthersTellWhatTheDialplanSays) {
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await play_and_read(call);
        co_await record_and_wait(call);
        co_await other_applications(call);
        reached_the_end = true;
    };
    auto call = answered();
    call.audio = "tone";
    call.after = 7s;
    call.digits = "47wwww5";
    place(flow, call);
    EXPECT_TRUE(reached_the_end) << log_.text();
}

TEST_F(ApplicationsTest, QueueTellsWhatTheDialplanSays) {
    int ended = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const std::pair<Queue, Queued::Status> cases[] = {
            {Queue("costrix-nobody"), Queued::Status::join_empty},
            {Queue("costrix-ring").timeout(1s), Queued::Status::timeout},
            {Queue("costrix-agent").timeout(9s).goes_on(), Queued::Status::continued},
            {Queue("costrix-agent").timeout(9s), Queued::Status::served},
        };
        for (const auto& [queue, status] : cases) {
            const Queued queued = co_await queue.run(call);
            EXPECT_EQ(to_string(queued.status), to_string(status)) << queued.text;
            co_await expect_variable(call, "QUEUESTATUS", queued.text);
            ++ended;
        }
    };
    place(flow);
    EXPECT_EQ(ended, 4) << log_.text();
}

TEST_F(ApplicationsTest, ConfBridgeTellsWhatTheDialplanSays) {
    std::vector<std::string> ends;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const ConfBridge conferences[] = {
            ConfBridge("17").user_profile("costrix-brief"),
            ConfBridge("18").menu("costrix-leave"),
            ConfBridge("19"),
        };
        for (const auto& conference : conferences) {
            const Conferred conferred = co_await conference.run(call);
            EXPECT_TRUE(conferred);
            co_await expect_variable(call, "CONFBRIDGE_RESULT", conferred.text);
            ends.push_back(conferred.text);
        }
    };
    auto call = answered();
    call.after = 3s;
    call.digits = "*";
    serve(flow);
    const auto id = asterisk_.start(call);
    std::this_thread::sleep_for(4500ms);
    EXPECT_TRUE(empty_a_conference());
    asterisk_.wait(id, 20s);
    finish();
    EXPECT_EQ(ends, (std::vector<std::string>{"TIMEOUT", "DTMF", "KICKED"})) << log_.text();
}

TEST_F(ApplicationsTest, PageEndsWithItsConference) {
    bool went_on = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const Page page = Page("Local/answer@costrix-party/n")
                              .also("Local/nobody@costrix-party/n")
                              .both_ways()
                              .quiet()
                              .timeout(5s);
        co_await page.run(call);
        co_await expect_variable(call, "CONFBRIDGE_RESULT", "KICKED");
        went_on = true;
    };
    serve(flow);
    const auto id = asterisk_.start(answered());
    EXPECT_TRUE(empty_a_conference());
    asterisk_.wait(id, 20s);
    finish();
    EXPECT_TRUE(went_on) << log_.text();
}

/// A message is left, heard and deleted.
TEST_F(ApplicationsTest, VoiceMailTellsWhatTheDialplanSays) {
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const VoiceMail nowhere("no-such-box");
        const VoiceMailResult failed = co_await nowhere.run(call);
        EXPECT_EQ(failed.status, VoiceMailResult::Status::failed) << failed.text;
        co_await expect_variable(call, "VMSTATUS", failed.text);
        const VoiceMail mail = VoiceMail("100").skip_instructions();
        const VoiceMailResult left = co_await mail.run(call);
        EXPECT_TRUE(left) << left.text;
        co_await expect_variable(call, "VMSTATUS", left.text);
        co_await expect_variable(call, "VM_INFO(100@default,count)", "1");
        const VoiceMailMain box = VoiceMailMain("100").skip_password();
        co_await box.run(call);
        co_await expect_variable(call, "VM_INFO(100@default,count)", "0");
        reached_the_end = true;
    };
    auto call = answered();
    call.audio = "tone";
    call.after = 5500ms;
    call.digits = "1wwww7www#";
    place(flow, call);
    EXPECT_TRUE(reached_the_end) << log_.text();
}

TEST_F(ApplicationsTest, ChanSpyEndsWithTheChannel) {
    std::chrono::nanoseconds listened{};
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const Originate originate =
            Originate::to_application("Local/answer@costrix-party/n", "Wait", "2").timeout(5s);
        const Originated originated = co_await originate.run(call);
        EXPECT_TRUE(originated) << originated.text;
        const auto begin = call.now();
        const ChanSpy spy = ChanSpy("Local/answer@costrix-party").quiet().ends_with_channel();
        co_await spy.run(call);
        listened = call.now() - begin;
        co_await call.execute(ChannelStatus());
    };
    place(flow);
    EXPECT_GT(listened, 1s) << log_.text();
    EXPECT_LT(listened, 4s);
}

TEST_F(ApplicationsTest, StasisTellsWhatTheDialplanSays) {
    test::AriApplication application(test::port_of("ARI_PORT", 5088), "costrix");
    application.send_back_a_call();
    bool taken = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const Stasis nobody("no-such-application");
        const bool nowhere = co_await nobody.run(call);
        EXPECT_FALSE(nowhere);
        co_await expect_variable(call, "STASISSTATUS", "FAILED");
        const Stasis stasis("costrix", "one", "two, (3)");
        taken = co_await stasis.run(call);
        co_await expect_variable(call, "STASISSTATUS", "SUCCESS");
    };
    place(flow);
    EXPECT_TRUE(taken) << log_.text();
    EXPECT_EQ(application.arguments(), R"x(["one","two, (3)"])x");
}

}  // namespace
}  // namespace costrix::agi
