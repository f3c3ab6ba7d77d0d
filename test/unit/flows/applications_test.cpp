// SPDX-License-Identifier: MIT
// Typed applications: the line that each sends, and the result that it makes of variables.
#include "unit/flows/flow_call.hpp"

#include <costrix/agi/applications.hpp>
#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;
using testing::ApplicationOutcome;

/// The command that an application sends first.
template <class App>
std::string line_of(const App& app) {
    Scenario scenario("flow");
    scenario.answered();
    for (const char* name :
         {"Queue",
          "ConfBridge",
          "VoiceMail",
          "VoiceMailMain",
          "Originate",
          "Transfer",
          "Page",
          "ChanSpy",
          "Stasis",
          "AMD",
          "Record"})
        scenario.application(name, ApplicationOutcome());
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        auto work = app.run(call);
        co_await std::move(work);
    };
    const auto asterisk = testing::run_call(scenario, handler);
    for (const auto& command : asterisk.texts(EventKind::command)) {
        if (command.starts_with("EXEC"))
            return command;
    }
    return "";
}

TEST(Applications, SendTheirArguments) {
    EXPECT_EQ(line_of(Dial("PJSIP/1")), R"x(EXEC "Dial" "PJSIP/1")x");
    EXPECT_EQ(
        line_of(Dial("PJSIP/1").also("PJSIP/2").timeout(20s).music("jazz").ringing()),
        R"x(EXEC "Dial" "PJSIP/1&PJSIP/2,20,m(jazz)r")x"
    );
    EXPECT_EQ(line_of(Dial("PJSIP/1").longest(60s)), R"x(EXEC "Dial" "PJSIP/1,,S(60)")x");
    EXPECT_EQ(
        line_of(Queue("sales").timeout(30s).announce("agent-alert").rule("fast").option('n')),
        R"x(EXEC "Queue" "sales,n,,agent-alert,30,,,fast")x"
    );
    EXPECT_EQ(
        line_of(ConfBridge("17").user_profile("admin").menu("m")),
        R"x(EXEC "ConfBridge" "17,,admin,m")x"
    );
    EXPECT_EQ(
        line_of(VoiceMail("100@home").also("101@home").unavailable().skip_instructions()),
        R"x(EXEC "VoiceMail" "100@home&101@home,us")x"
    );
    EXPECT_EQ(line_of(VoiceMailMain()), R"x(EXEC "VoiceMailMain")x");
    EXPECT_EQ(line_of(VoiceMailMain("100").skip_password()), R"x(EXEC "VoiceMailMain" "100,s")x");
    EXPECT_EQ(
        line_of(Originate::to_extension("PJSIP/1", "out", "100").timeout(5s).without_waiting()),
        R"x(EXEC "Originate" "PJSIP/1,exten,out,100,1,5,a")x"
    );
    EXPECT_EQ(
        line_of(Originate::to_application("PJSIP/1", "Playback", "a,b")),
        R"x(EXEC "Originate" "PJSIP/1,app,Playback,a\\,b")x"
    );
    EXPECT_EQ(line_of(Transfer("PJSIP/1")), R"x(EXEC "Transfer" "PJSIP/1")x");
    EXPECT_EQ(line_of(Page("PJSIP/1").quiet().timeout(5s)), R"x(EXEC "Page" "PJSIP/1,q,5")x");
    EXPECT_EQ(line_of(ChanSpy("PJSIP/1").quiet().whisper()), R"x(EXEC "ChanSpy" "PJSIP/1,qw")x");
    EXPECT_EQ(line_of(Stasis("app", "one", "two")), R"x(EXEC "Stasis" "app,one,two")x");
    EXPECT_EQ(
        line_of(Playback("a").also("b").without_answer()), R"x(EXEC "Playback" "a&b,noanswer")x"
    );
    EXPECT_EQ(line_of(BackGround("a").language("de")), R"x(EXEC "BackGround" "a,,de")x");
    EXPECT_EQ(
        line_of(Read("a").max_digits(4).attempts(2).timeout(1500ms)),
        R"x(EXEC "Read" "COSTRIX_READ,a,4,,2,1.500")x"
    );
    EXPECT_EQ(
        line_of(Record("/tmp/a.wav").silence(3s).longest(60s).quiet()),
        R"x(EXEC "Record" "/tmp/a.wav,3,60,q")x"
    );
    EXPECT_EQ(
        line_of(MixMonitor("a.wav").append().command("gzip a,b")),
        R"x(EXEC "MixMonitor" "a.wav,ai(COSTRIX_MIXMONITOR),gzip a,b")x"
    );
    EXPECT_EQ(line_of(StopMixMonitor()), R"x(EXEC "StopMixMonitor")x");
    EXPECT_EQ(
        line_of(AMD().initial_silence(2s).total_analysis_time(5s)), R"x(EXEC "AMD" "2000,,,5000")x"
    );
    EXPECT_EQ(line_of(SendDTMF("12w#").gap(100ms)), R"x(EXEC "SendDTMF" "12w#,100")x");
    EXPECT_EQ(line_of(Wait(1500ms)), R"x(EXEC "Wait" "1.500")x");
    EXPECT_EQ(
        line_of(SetVariables().set("A", "1,2").set("B", "(\"x\\")),
        R"x(EXEC "MSet" "A=1\\,2,B=\\(\\\"x\\\\")x"
    );
}

/// What Asterisk makes of an option's value (app.c: ast_app_parse_options), behind the argument's
/// own escapes.
std::string option_value(const std::string& line) {
    std::string argument;  // the words' quotes and escapes, then those of the arguments
    for (std::size_t i = line.find("\"PJSIP/1,,") + 10; i + 1 < line.size(); ++i)
        argument += line[i] == '\\' ? line[++i] : line[i];
    std::string options;
    for (std::size_t i = 0; i < argument.size(); ++i)
        options += argument[i] == '\\' ? argument[++i] : argument[i];
    std::string value;
    for (std::size_t i = 2, depth = 1; i < options.size(); ++i) {
        if (options[i] == '\\') {
            value += options[++i];
            continue;
        }
        depth += options[i] == '(' ? 1U : 0U;
        depth -= options[i] == ')' ? 1U : 0U;
        if (depth == 0)
            return value;
        value += options[i];
    }
    return "not closed: " + value;
}

TEST(Applications, EscapeTheValuesOfOptions) {
    for (const std::string value : {R"("Alice, B." <100>)", "a)b(c", R"(a\b)", "x,y)L(1", "(("})
        EXPECT_EQ(option_value(line_of(Dial("PJSIP/1").caller_id(value))), value);
}

TEST(Applications, ReplaceAnOptionThatIsSetAgain) {
    EXPECT_EQ(
        line_of(Dial("PJSIP/1").music("jazz").ringing().music("blues")),
        R"x(EXEC "Dial" "PJSIP/1,,m(blues)r")x"
    );
}

TEST(Applications, RefuseWhatMakesNoSense) {
    EXPECT_THROW(Dial("x").timeout(0s), std::invalid_argument);
    EXPECT_THROW(Read("x").max_digits(256), std::invalid_argument);
    EXPECT_THROW(AMD().greeting(0ms), std::invalid_argument);
    EXPECT_THROW(SetVariables().set("A=B", "x"), std::invalid_argument);
    EXPECT_THROW(line_of(SetVariables()), std::invalid_argument);
    EXPECT_THROW(line_of(Dial("two\nlines")), AGIUsageError);
}

/// asterisk-java#260, node-ari-client#148: what became of a Dial.
TEST(DialApplication, TellsWhatBecameOfIt) {
    Scenario scenario("flow");
    scenario.answered().dial("PJSIP/1", "ANSWER", 60s).dial("PJSIP/2", "BUSY", 3s);
    const auto answered = run_flow(scenario, Dial("PJSIP/1"));
    EXPECT_TRUE(*answered.result);
    EXPECT_EQ(answered.result->status, Dialled::Status::answered);
    EXPECT_EQ(answered.result->talked_time, 60s);
    EXPECT_EQ(answered.result->dialled_time, 60s);
    const auto busy = run_flow(scenario, Dial("PJSIP/2"));
    EXPECT_EQ(busy.result->status, Dialled::Status::busy);
    EXPECT_EQ(busy.result->talked_time, 0s);
    EXPECT_EQ(busy.result->text, "BUSY");
    const auto unknown = run_flow(scenario, Dial("PJSIP/3"));
    EXPECT_EQ(unknown.result->status, Dialled::Status::unavailable);
    EXPECT_EQ(to_string(unknown.result->status), "unavailable");
}

TEST(DialApplication, ReadsEverythingExactly) {
    Scenario scenario("flow");
    scenario.answered().dial(
        "PJSIP/1",
        ApplicationOutcome()
            .sets("DIALSTATUS", "DONTCALL")
            .sets("DIALEDPEERNAME", "PJSIP/1-0000\n200 result=1 (forged)")
            .sets("DIALEDPEERNUMBER", "1")
            .sets("ANSWEREDTIME", "7")
            .sets("HANGUPCAUSE", "16")
    );
    const auto run = run_flow(scenario, Dial("PJSIP/1"));
    EXPECT_EQ(run.result->status, Dialled::Status::refused);
    EXPECT_EQ(run.result->peer, "PJSIP/1-0000\n200 result=1 (forged)");
    EXPECT_EQ(run.result->talked_time, 7s);
    EXPECT_EQ(run.result->cause, 16);
    EXPECT_EQ(run.asterisk.texts(EventKind::command).size(), 2U);  // EXEC and one question
}

/// CyCoreSystems/agi#13: DIALSTATUS was not readable after the hangup.
TEST(DialApplication, ThrowsAtAHangupAndTellsAfterIt) {
    for (const bool sighup : {true, false}) {
        Dialled dialled;
        bool threw = false;
        auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            try {
                const Dial dial("PJSIP/1");
                co_await dial.run(call);
            } catch (const AGIResultHangup&) {
                threw = true;
            }
            call.allow_after_hangup();
            dialled = co_await Dial::result_of_last(call);
        };
        Scenario scenario("flow");
        scenario.answered().agisighup(sighup).dial("PJSIP/1", "ANSWER", 1h).hang_up_after(20s);
        testing::run_call(scenario, handler);
        EXPECT_TRUE(threw);
        EXPECT_EQ(dialled.status, Dialled::Status::answered);
    }
}

template <class App>
auto ending(const App& app, const char* name, const char* status) {
    Scenario scenario("flow");
    scenario.answered().application(name, status, 2s);
    return *run_flow(scenario, app).result;
}

TEST(Applications, GiveTypedResults) {
    EXPECT_EQ(ending(Queue("q"), "Queue", "JOINEMPTY").status, Queued::Status::join_empty);
    EXPECT_EQ(ending(Queue("q"), "Queue", "").status, Queued::Status::served);
    EXPECT_EQ(to_string(Queued::Status::join_empty), "join empty");
    EXPECT_EQ(ending(ConfBridge("1"), "ConfBridge", "KICKED").text, "KICKED");
    EXPECT_FALSE(ending(ConfBridge("1"), "ConfBridge", "FAILED"));
    EXPECT_TRUE(ending(VoiceMail("1"), "VoiceMail", "SUCCESS"));
    EXPECT_EQ(
        ending(VoiceMail("1"), "VoiceMail", "USEREXIT").status, VoiceMailResult::Status::user_exit
    );
    EXPECT_TRUE(ending(Originate::to_extension("x", "c"), "Originate", "SUCCESS"));
    EXPECT_EQ(ending(Originate::to_extension("x", "c"), "Originate", "BUSY").text, "BUSY");
    EXPECT_EQ(ending(Transfer("x"), "Transfer", "UNSUPPORTED").text, "UNSUPPORTED");
    EXPECT_EQ(ending(AMD(), "AMD", "MACHINE").status, AmdResult::Status::machine);
    EXPECT_EQ(ending(Record("x.wav"), "Record", "SILENCE").status, RecordResult::Status::silence);
    EXPECT_TRUE(ending(Stasis("app"), "Stasis", "SUCCESS"));
    EXPECT_FALSE(ending(Stasis("app"), "Stasis", "FAILED"));
}

TEST(Applications, FindTheirOtherVariablesInTheSimulation) {
    EXPECT_EQ(ending(Record("/tmp/x.wav"), "Record", "SILENCE").file, "/tmp/x");
    EXPECT_EQ(ending(Transfer("x"), "Transfer", "FAILURE").protocol, "0");
    Scenario scenario("flow");
    scenario.answered().application(
        "Transfer",
        ApplicationOutcome().sets("TRANSFERSTATUS", "SUCCESS").sets("TRANSFERSTATUSPROTOCOL", "202")
    );
    EXPECT_EQ(run_flow(scenario, Transfer("x")).result->protocol, "202");
}

TEST(Applications, TakeNoStatusOfAnEarlierQueueForTheirOwn) {
    Scenario scenario("flow");
    scenario.answered()
        .variable("QUEUESTATUS", "TIMEOUT")
        .application("Queue", ApplicationOutcome());
    EXPECT_EQ(run_flow(scenario, Queue("q")).result->status, Queued::Status::served);
}

TEST(Applications, PlayAndRead) {
    EXPECT_TRUE(*run_flow(caller(), Playback("hello")).result);
    auto scenario = caller();
    scenario.without_sound("other");
    EXPECT_FALSE(*run_flow(scenario, Playback("hello").also("other")).result);
    const auto background = run_flow(caller().press("5", 1s), BackGround("hello"));
    EXPECT_TRUE(background.result->success);
    EXPECT_EQ(background.result->key, '5');
    const auto read = run_flow(caller().press("123#", 1s), Read("hello").max_digits(6));
    EXPECT_EQ(read.result->digits, "123");
    EXPECT_EQ(read.result->status, ReadResult::Status::ok);
    const auto silent = run_flow(caller(), Read("hello").timeout(2s));
    EXPECT_EQ(silent.result->status, ReadResult::Status::timeout);
}

TEST(Applications, RecordTheCall) {
    const auto run = run_flow(caller(), MixMonitor("/tmp/call.wav").only_bridged());
    EXPECT_EQ(run.result->file, "/tmp/call.wav");
    EXPECT_NE(run.result->id, "");
    EXPECT_EQ(
        line_of(StopMixMonitor(run.result->id)),
        "EXEC \"StopMixMonitor\" \"" + run.result->id + "\""
    );
}

TEST(Applications, TakeTheirTime) {
    auto handler = [](AGI& call, const Request&) -> asio::awaitable<void> {
        const Wait wait(1500ms);
        co_await wait.run(call);
        const SendDTMF keys("12w3");
        co_await keys.run(call);
        SetVariables variables;
        variables.set("A", "1,2").set("B", "x\\y");
        co_await variables.run(call);
    };
    const auto asterisk = testing::run_call(caller(), handler);
    EXPECT_GT(asterisk.now(), 2s);
    EXPECT_EQ(asterisk.variable("A"), "1,2");
    EXPECT_EQ(asterisk.variable("B"), "x\\y");
}

}  // namespace
}  // namespace costrix::agi::test
