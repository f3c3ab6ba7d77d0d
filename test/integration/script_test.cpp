// SPDX-License-Identifier: MIT
// Classic AGI with real processes, pipes and signals: run_script.
#include "support/pseudo_terminal.hpp"
#include "support/script_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace costrix {
namespace {

using test::classic_environment;
using test::ScriptProcess;
using test::step_script;
using Wire = ScriptProcess::Wire;

/// Whether the process sleeps with a handler for SIGHUP; true when there is no such process. While
/// a handler is being set, ThreadSanitizer sometimes loses the signal.
bool waits_for_sighup(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    bool sleeps = false;
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("State:"))
            sleeps = line.find("S (sleeping)") != std::string::npos;
        if (line.starts_with("SigCgt:"))
            return sleeps && (std::stoull(line.substr(8), nullptr, 16) & 1) != 0;
    }
    return true;
}

class RunScript : public ::testing::TestWithParam<Wire> {};

TEST_P(RunScript, SpeaksOnWhateverAsteriskGaveIt) {
    ScriptProcess process(step_script({"ANSWER", "GET VARIABLE X"}), GetParam());
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "ANSWER");
    process.send("200 result=0\n");
    EXPECT_EQ(process.line(), "GET VARIABLE X");
    process.send("200 result=1 (y)\n");
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_EQ(process.errors(), "reply: 200 result=0\nreply: 200 result=1 (y)\n");
}

TEST_P(RunScript, KeepsWhatIsPrintedAwayFromTheProtocol) {
    ScriptProcess process(step_script({"@print", "NOOP"}), GetParam());
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_TRUE(process.errors().starts_with("cout\nprintf\nchild\n/dev/null\n"));
    EXPECT_TRUE(process.errors().ends_with("left in a bufferreply: 200 result=0\n"));
    // A child that goes on would keep the call.
    const auto end =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(process.input()));
    EXPECT_EQ(process.errors().find(end.string()), std::string::npos) << process.errors();
}

TEST_P(RunScript, TakesAnEndOfFileForAHangup) {
    ScriptProcess process(step_script({"@play!"}), GetParam());
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    process.close_input();
    if (GetParam() == Wire::socket)
        process.close_output();  // the same socket
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "STREAM FILE: AGISIGPIPEHangup\n");
}

TEST_P(RunScript, SurvivesAPipeThatNobodyReads) {
    ScriptProcess process(step_script({"@idle", "@noop"}), GetParam());
    process.send(classic_environment());
    ASSERT_TRUE(process.wait_for("idle\n"));
    if (GetParam() == Wire::socket)
        process.close_input();  // the same socket
    process.close_output();
    process.signal(SIGHUP);  // otherwise nothing tells before a command is sent
    EXPECT_EQ(process.wait(), 0);
    EXPECT_TRUE(process.errors().starts_with("idle\nidle: AGISI")) << process.errors();
}

INSTANTIATE_TEST_SUITE_P(
    Wires,
    RunScript,
    ::testing::Values(Wire::pipes, Wire::socket, Wire::two_sockets),
    [](const auto& parameter) {
        if (parameter.param == Wire::pipes)
            return "Pipes";
        return parameter.param == Wire::socket ? "OneSocket" : "TwoSockets";
    }
);

TEST(RunScript, StopsAHandlerThatTriesForEver) {
    ScriptProcess process(step_script({"@for-ever"}));
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    process.send("200 result=-1 endpos=0\n");
    EXPECT_EQ(process.line(), "CHANNEL STATUS");
    process.signal(SIGHUP);
    process.send("511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.errors().find("tried again and again"), std::string::npos)
        << process.errors();
}

TEST(RunScript, TakesAHangupInBothOfAsiosOperatorForANormalEnd) {
    ScriptProcess process(step_script({"@both"}));
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    process.send("200 result=-1 endpos=0\n");
    EXPECT_EQ(process.line(), "CHANNEL STATUS");
    process.send("511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "");
}

TEST(RunScript, GoesOnWhenAnotherCoroutineOfItsThrows) {
    ScriptProcess process(step_script({"@stray", "@noop"}));
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "ANSWER");
    process.send("510 Invalid or unknown command\n");
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_NE(process.errors().find("an exception left a completion handler"), std::string::npos)
        << process.errors();
    EXPECT_NE(process.errors().find("NOOP: done"), std::string::npos) << process.errors();
}

TEST(RunScriptSignals, SighupIsTheHangupOfAnIdleScript) {
    ScriptProcess process(step_script({"@idle", "@noop"}));
    process.send(classic_environment());
    ASSERT_TRUE(process.wait_for("idle\n"));
    process.signal(SIGHUP);
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "idle\nidle: AGISIGHUPHangup\nNOOP: AGISIGHUPHangup\n");
}

TEST(RunScriptSignals, SighupWhileACommandRunsIsItsHangupInEitherOrder) {
    for (const bool signal_first : {true, false}) {
        ScriptProcess process(step_script({"@play!"}));
        process.send(classic_environment());
        EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
        if (signal_first)
            process.signal(SIGHUP);
        process.send("200 result=-1 endpos=4160\n");
        if (!signal_first) {
            // It may be a missing file: the channel is asked.
            EXPECT_EQ(process.line(), "CHANNEL STATUS");
            process.signal(SIGHUP);
            process.send("511 Command Not Permitted on a dead channel or intercept routine\n");
        }
        EXPECT_EQ(process.wait(), 0);
        EXPECT_EQ(process.errors(), "STREAM FILE: AGISIGHUPHangup\n");
    }
}

TEST(RunScriptSignals, ACommandThatOnlySighupTellsOfIsAnswered) {
    ScriptProcess process(step_script({"@allow", "GET OPTION x \"1\"", "@noop", "@answer"}));
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "GET OPTION x \"1\"");
    process.signal(SIGHUP);
    process.send("200 result=0 endpos=8000\n");
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(
        process.errors(),
        "reply: 200 result=0 endpos=8000\nNOOP: done\nANSWER: AGIDeadChannelError\n"
    );
}

TEST(RunScriptSignals, SighupBeforeTheEnvironmentIsNotLost) {
    ScriptProcess process(step_script({"@noop"}));
    process.send("agi_request: script\n");
    while (!waits_for_sighup(process.pid()))
        ::usleep(1000);
    process.signal(SIGHUP);
    process.send("agi_version: 22.10.1\n\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "NOOP: AGISIGHUPHangup\n");
}

TEST(RunScriptSignals, SighupIsRememberedBeforeTheEndOfFileBehindIt) {
    for (int round = 0; round < 20; ++round) {
        ScriptProcess process(step_script({"@play"}));
        process.send(classic_environment());
        EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
        process.signal(SIGHUP);
        process.close_input();
        EXPECT_EQ(process.wait(), 0);
        EXPECT_EQ(process.errors(), "STREAM FILE: AGISIGHUPHangup\n");
    }
}

TEST(RunScriptStatus, IsNotZeroForAnExceptionOfTheHandlers) {
    ScriptProcess process(step_script({"@throw"}));
    process.send(classic_environment());
    EXPECT_EQ(process.wait(), 1);
    EXPECT_EQ(process.errors(), "step_script: the handler threw: the handler's own\n");
}

TEST(RunScriptStatus, IsTheHandlersOwnIfItExits) {
    ScriptProcess process(step_script({"@exit 3"}));
    process.send(classic_environment());
    EXPECT_EQ(process.wait(), 3);
}

TEST(RunScriptStatus, IsNotZeroWithoutAnEnvironment) {
    ScriptProcess nothing(step_script({"NOOP"}));
    nothing.close_input();
    EXPECT_EQ(nothing.wait(), 1);
    EXPECT_EQ(
        nothing.errors(), "step_script: no AGI on standard input: the environment never came\n"
    );
    ScriptProcess other(step_script({"NOOP"}));
    other.send("GET / HTTP/1.1\n\n");
    EXPECT_EQ(other.wait(), 1);
    EXPECT_NE(other.errors().find("no AGI on standard input"), std::string::npos);
}

TEST(RunScriptStatus, IsNotZeroForRepliesBeforeTheirCommands) {
    ScriptProcess at_once(step_script({"NOOP", "NOOP"}));
    at_once.send(classic_environment() + "200 result=0\n200 result=0\n");
    EXPECT_EQ(at_once.wait(), 1);
    EXPECT_EQ(
        at_once.errors(),
        "step_script: no AGI on standard input: a reply that came before its command: "
        "\"200 result=0\"; to play recorded replies, redirect a file: step_script < FILE\n"
    );
    ScriptProcess later(step_script({"@idle"}));
    later.send(classic_environment());
    ASSERT_TRUE(later.wait_for("idle\n"));
    later.send("200 result=0\n");
    EXPECT_EQ(later.wait(), 1);
    EXPECT_TRUE(later.wait_for("a reply that came before its command"));
}

TEST(RunScriptTerminal, SaysWhatToType) {
    test::PseudoTerminal terminal(step_script({"NOOP"}));
    EXPECT_TRUE(terminal.shows("an AGI script, which Asterisk starts")) << terminal.screen();
    EXPECT_TRUE(terminal.shows("200 result=0")) << terminal.screen();
    terminal.type("agi_request: x\r\r");
    EXPECT_TRUE(terminal.shows("NOOP")) << terminal.screen();
    terminal.type("200 result=0\r");
    EXPECT_EQ(terminal.wait(), 0);
}

TEST(RunScriptLimits, EndTheSession) {
    setenv("STEP_SCRIPT_LIMIT", "100", 1);
    ScriptProcess process(step_script({"@play!"}));
    unsetenv("STEP_SCRIPT_LIMIT");
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 1);
    EXPECT_TRUE(process.errors().starts_with("step_script: the session took too long\n"))
        << process.errors();
}

TEST(RunScriptLimits, EndTheTimeAfterTheHangup) {
    setenv("STEP_SCRIPT_HANGUP_LIMIT", "100", 1);
    ScriptProcess process(step_script({"@allow", "@hangup", "@noop"}));
    unsetenv("STEP_SCRIPT_HANGUP_LIMIT");
    process.send(classic_environment());
    while (!waits_for_sighup(process.pid()))
        ::usleep(1000);
    process.signal(SIGHUP);
    EXPECT_EQ(process.line(), "NOOP");  // and no reply
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 0);  // the handler took it for what it is, and returned
    EXPECT_NE(
        process.errors().find("step_script: the handler took too long after the hangup\n"),
        std::string::npos
    ) << process.errors();
    EXPECT_NE(process.errors().find("NOOP: no reply before the deadline"), std::string::npos);
}

std::string read_file(const std::string& name) {
    std::ifstream file(name);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs the script by the shell with these redirections; what it wrote to `out`.
std::string with_shell(const std::string& redirections, int* status = nullptr) {
    const auto out = ::testing::TempDir() + "costrix-script-out-" + std::to_string(::getpid());
    const auto in = ::testing::TempDir() + "costrix-script-in-" + std::to_string(::getpid());
    std::ofstream(in) << classic_environment()
                      << "200 result=0\n"
                         "100 result=0 Trying...\n200 result=0 Gosub complete\n"
                         "200 result=1 (two\nlines)\n200 result=1 (last)\n";
    const auto command = COSTRIX_BIN_DIR "/step_script ANSWER 'GOSUB a b c' 'GET VARIABLE X' 'GET "
                                         "VARIABLE Y' NOOP 2>" +
                         out + "-err " + redirections;
    setenv("IN", in.c_str(), 1);
    setenv("OUT", out.c_str(), 1);
    const auto ended = std::system(command.c_str());
    if (status)
        *status = WEXITSTATUS(ended);
    std::ostringstream text;
    text << read_file(out) << "--\n" << read_file(out + "-err");
    for (const auto& file : {in, out, out + "-err"})
        ::unlink(file.c_str());
    return text.str();
}

TEST(RunScriptFiles, ReadsAReplyForEachCommand) {
    int status = -1;
    const std::string expected = "ANSWER\nGOSUB a b c\nGET VARIABLE X\nGET VARIABLE Y\nNOOP\n--\n"
                                 "reply: 200 result=0\n"
                                 "reply: 200 result=0 Gosub complete\n"
                                 "reply: 200 result=1 (two\nlines)\n"
                                 "reply: 200 result=1 (last)\n"
                                 "reply: the connection to Asterisk ended\n";
    EXPECT_EQ(with_shell("<$IN >$OUT", &status), expected);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(with_shell("<$IN | cat >$OUT", &status), expected);
}

TEST(RunScriptFiles, TakesCarriageReturns) {
    const auto file = ::testing::TempDir() + "costrix-crlf-" + std::to_string(::getpid());
    std::ofstream(file) << "agi_request: x\r\nagi_arg_1: a\r\n\r\n200 result=0\r\n"
                           "200 result=0 Gosub complete\r\n200 result=1 (two\r\nlines)\r\n";
    const auto text = with_shell("<" + file + " >$OUT");
    ::unlink(file.c_str());
    EXPECT_EQ(
        text,
        "ANSWER\nGOSUB a b c\nGET VARIABLE X\nGET VARIABLE Y\n--\nreply: 200 result=0\n"
        "reply: 200 result=0 Gosub complete\nreply: 200 result=1 (two\nlines)\n"
        "reply: the connection to Asterisk ended\nreply: the connection to Asterisk ended\n"
    );
}

TEST(RunScriptStatus, IsNotZeroWithoutStandardStreams) {
    int status = -1;
    const auto text = with_shell("<&- >$OUT", &status);
    EXPECT_EQ(
        text,
        "--\nstep_script: descriptor 0 is not usable, and Asterisk speaks to an AGI script on 0 "
        "and 1: Bad file descriptor\n"
    );
    EXPECT_EQ(status, 1);
}

TEST(RunScriptFiles, LeavesNothingBehindOnAParentsDescriptors) {
    ScriptProcess process(step_script({"ANSWER"}), Wire::socket);
    const int before = fcntl(process.input(), F_GETFL);
    process.send(classic_environment());
    EXPECT_EQ(process.line(), "ANSWER");
    EXPECT_EQ(fcntl(process.input(), F_GETFL), before);
}

TEST(RunScriptDebug, WritesTheConversationToStandardError) {
    setenv("STEP_SCRIPT_DEBUG", "1", 1);
    ScriptProcess process(step_script({"NOOP"}));
    unsetenv("STEP_SCRIPT_DEBUG");
    process.send("agi_request: script\n\n");
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(
        process.errors(),
        "step_script: < agi_request: script\nstep_script: > NOOP\nstep_script: < 200 result=0\n"
        "reply: 200 result=0\n"
    );
}

}  // namespace
}  // namespace costrix
