// SPDX-License-Identifier: MIT
// `costrix show` and `costrix replay`: recordings read, drawn, and played against a service.
#include "integration/tool/tool_fixture.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_acceptor.hpp"
#include "tool/formatting.hpp"
#include "tool/recording/recorded_steps.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>
#include <costrix/testing/waveform.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace costrix {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::contains;
using test::run_tool;
using test::Service;
using tool::Party;

const std::string kTranscripts = COSTRIX_TRANSCRIPTS "/";

// ---------------------------------------------------------------- show

TEST(Show, TellsWhoDoesWhat) {
    const auto steps = tool::conversation(testing::Transcript::read(kTranscripts + "get-data.agi"));
    ASSERT_GE(steps.size(), 6U);
    EXPECT_EQ(steps[0].text, "ANSWER");
    EXPECT_EQ(steps[0].from, Party::script);
    EXPECT_EQ(steps[1].text, "200 result=0");
    EXPECT_EQ(steps[1].to, Party::script);
    EXPECT_EQ(steps[1].time, std::chrono::milliseconds(500));
    EXPECT_TRUE(steps[2].remark);
    EXPECT_EQ(steps[4].text, "presses 1");
    EXPECT_EQ(steps[4].from, Party::caller);
}

TEST(Show, PrintsForReading) {
    const auto run = run_tool({"show", kTranscripts + "get-data.agi"});
    EXPECT_EQ(run.status, 0);
    EXPECT_TRUE(contains(run.output, "0.50  asterisk  200 result=0\n")) << run.output;
    EXPECT_TRUE(contains(run.output, "0.90  caller    presses 1\n")) << run.output;
    EXPECT_FALSE(contains(run.output, "agi_channel")) << run.output;
    const auto whole = run_tool({"show", "--environment", kTranscripts + "get-data.agi"});
    EXPECT_TRUE(contains(whole.output, "agi_channel: ")) << whole.output;
}

TEST(Show, DrawsEveryRecordingThereIs) {
    std::size_t drawn = 0;
    for (const auto& entry : fs::recursive_directory_iterator(kTranscripts)) {
        if (entry.path().extension() != ".agi")
            continue;
        const auto transcript = testing::Transcript::read(entry.path());
        const auto svg = tool::conversation_svg(transcript);
        EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n")) << entry.path();
        const auto opened = std::count(svg.begin(), svg.end(), '<');
        EXPECT_EQ(opened, std::count(svg.begin(), svg.end(), '>')) << entry.path();
        const auto text = tool::conversation_text(transcript, true, false);
        for (const char letter : text)
            EXPECT_TRUE(letter == '\n' || static_cast<unsigned char>(letter) >= 0x20)
                << entry.path();
        ++drawn;
    }
    EXPECT_GT(drawn, 100U);
}

TEST(Show, SaysWhatItCannotRead) {
    const auto run = run_tool({"show", "/no/such/file.agi"});
    EXPECT_EQ(run.status, 2);
    EXPECT_TRUE(contains(run.output, "/no/such/file.agi")) << run.output;
}

/// A file with this in it, shown.
test::ToolRun show(const std::string& text) {
    const auto file = fs::temp_directory_path() / ("costrix_show_" + std::to_string(getpid()));
    std::ofstream(file, std::ios::binary) << text;
    auto run = run_tool({"show", file.string()});
    fs::remove(file);
    return run;
}

TEST(Show, SaysWhatIsCutOff) {
    const auto empty = show("");
    EXPECT_EQ(empty.status, 2) << empty.output;
    EXPECT_TRUE(contains(empty.output, "is empty")) << empty.output;
    EXPECT_EQ(run_tool({"show", fs::temp_directory_path().string()}).status, 2);
    const std::string whole = "< agi_request: agi://h/x\n<\n> ANSWER\n< 200 result=0\n"
                              "! script closes the connection\n";
    EXPECT_EQ(show(whole).status, 0) << show(whole).output;
    EXPECT_EQ(show("< agi_request: x\n<\n> ANSWER\n# cut off: over 9 bytes\n").status, 0);
    for (const std::size_t size : {5U, 26U, 38U, 54U, 60U}) {
        const auto cut = show(whole.substr(0, size));
        EXPECT_EQ(cut.status, 1) << cut.output;
        EXPECT_TRUE(contains(cut.output, "is cut off")) << cut.output;
    }
}

TEST(Show, ExplainsTheSecondHangupLine) {
    const auto run =
        show("<\n< 200 result=-1\n< HANGUP\n< HANGUP\n! script closes the connection\n");
    EXPECT_TRUE(contains(run.output, "HANGUP\n")) << run.output;
    EXPECT_TRUE(contains(run.output, "HANGUP (again, as AGI() ends)\n")) << run.output;
}

// ---------------------------------------------------------------- replay

const std::string kEnvironment = "< agi_network: yes\n"
                                 "< agi_network_script: pin/1234\n"
                                 "< agi_request: agi://127.0.0.1:1/pin/1234\n"
                                 "< agi_channel: Local/x@default-1;2\n"
                                 "<\n";
const std::string kPin = "> ANSWER\n"
                         "# +0.50 s\n"
                         "< 200 result=0\n"
                         "> GET DATA \"agent-pass\" 5000 4\n"
                         "# +2.00 s\n"
                         "! the caller presses 4\n"
                         "< 200 result=1234\n"
                         "> SET VARIABLE \"PIN_OK\" \"1\"\n"
                         "< 200 result=1\n"
                         "> STREAM FILE \"auth-thankyou\" \"\"\n"
                         "< 200 result=0 endpos=1000\n"
                         "! script closes the connection\n";

class ReplayTest : public ::testing::Test {
protected:
    ReplayTest() {
        file_ = fs::temp_directory_path() / ("costrix_replay_" + std::to_string(getpid()) + ".agi");
    }
    ~ReplayTest() override { fs::remove(file_); }

    void record(const std::string& conversation) {
        std::ofstream(file_) << kEnvironment << conversation;
    }
    test::ToolRun replay(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"replay", file_.string(), service_.url("")};
        words.insert(words.end(), more.begin(), more.end());
        return run_tool(words);
    }
    static std::string changed(std::string text, const std::string& from, const std::string& to) {
        return text.replace(text.find(from), from.size(), to);
    }

    Service service_{{COSTRIX_BIN_DIR "/ivr", "0"}};
    fs::path file_;
};

TEST_F(ReplayTest, PassesWhatIsAsRecorded) {
    record(kPin);
    const auto run = replay();
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_TRUE(contains(run.output, ": as recorded, 4 commands")) << run.output;
}

TEST_F(ReplayTest, SaysAtWhichLineItDiffers) {
    record(changed(kPin, "result=1234", "result=9999"));
    const auto run = replay();
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_TRUE(contains(run.output, ".agi:13: differs after 2 commands")) << run.output;
    EXPECT_TRUE(contains(run.output, "after     200 result=9999")) << run.output;
    EXPECT_TRUE(contains(run.output, "recorded  > SET VARIABLE \"PIN_OK\" \"1\"")) << run.output;
    EXPECT_TRUE(contains(run.output, "now       > SET VARIABLE \"PIN_OK\" \"0\"")) << run.output;
}

TEST_F(ReplayTest, IgnoresWhatItIsToldTo) {
    record(changed(kPin, "result=1234", "result=9999"));
    const auto run = replay({"--ignore", "\"[01]\"$", "--ignore", "auth-[a-z]+"});
    EXPECT_EQ(run.status, 0) << run.output;
}

TEST_F(ReplayTest, NoticesThatTheScriptGoesOnOrEndsEarly) {
    record(changed(kPin, "> STREAM FILE \"auth-thankyou\" \"\"\n< 200 result=0 endpos=1000\n", ""));
    EXPECT_TRUE(contains(replay().output, "recorded  closes the connection")) << replay().output;
    record(changed(kPin, "! script closes", "> NOOP\n< 200 result=0\n! script closes"));
    EXPECT_TRUE(contains(replay().output, "now       closes the connection")) << replay().output;
}

TEST_F(ReplayTest, PlaysAHangup) {
    record("> ANSWER\n"
           "< 200 result=0\n"
           "> GET DATA \"agent-pass\" 5000 4\n"
           "# +0.40 s\n"
           "! the caller hangs up\n"
           "< 200 result=-1\n"
           "< HANGUP\n"
           "! script closes the connection\n");
    const auto run = replay();
    EXPECT_EQ(run.status, 0) << run.output;
}

TEST_F(ReplayTest, DoesNotMindWhenTheServiceAsked) {
    record(changed(
        kPin,
        "> STREAM FILE",
        "> GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n< 200 result=1 (0)\n> STREAM FILE"
    ));
    const auto run = replay();
    EXPECT_EQ(run.status, 0) << run.output;
}

TEST_F(ReplayTest, AnswersWhatTheServiceAsks) {
    record("> ANSWER\n"
           "< 511 Command Not Permitted on a dead channel or intercept routine\n"
           "! script closes the connection\n");
    const auto run = replay();
    EXPECT_EQ(run.status, 0) << run.output;
}

TEST_F(ReplayTest, AsksForTheScriptInTheUrl) {
    record(changed(kPin, "result=1234", "result=9999"));
    const auto run = run_tool({"replay", file_.string(), service_.url("pin/9999")});
    EXPECT_EQ(run.status, 0) << run.output;
}

TEST_F(ReplayTest, CountsOneCommandAsOne) {
    record("> ANSWER\n< 200 result=0\n> NOOP\n< 200 result=0\n! script closes the connection\n");
    const auto run = replay();
    EXPECT_TRUE(contains(run.output, "after 1 command that was as recorded")) << run.output;
}

/// What replay says of a server that sends this line where NOOP was recorded.
test::ToolRun replay_against(const std::string& line, const std::string& pattern) {
    test::TcpAcceptor server;
    const auto file = fs::temp_directory_path() / ("costrix_line_" + std::to_string(getpid()));
    const auto url = "agi://127.0.0.1:" + std::to_string(server.port());
    std::ofstream(file) << kEnvironment << "> NOOP\n< 200 result=0\n"
                        << "! script closes the connection\n";
    test::ChildProcess tool({test::kTool, "replay", file.string(), url, "--ignore", pattern});
    {
        const auto peer = server.accept();
        while (!peer->line().empty()) {  // the environment block
        }
        peer->send(line + "\n");
        const int status = tool.wait();
        fs::remove(file);
        return {status, tool.output()};
    }
}

TEST(Replay, IgnoresPartsOfALongLine) {
    for (const char* pattern : {"\".*\"", "[yz]+"}) {
        const auto run = replay_against("X \"" + std::string(100'000, 'y') + "\"", pattern);
        EXPECT_EQ(run.status, 1) << pattern << run.output.substr(0, 200);
        EXPECT_TRUE(contains(run.output, "differs after 0 commands")) << pattern;
    }
}

TEST(Replay, GivesUpOnAPatternThatTakesTooLong) {
    const auto run = replay_against(std::string(500, 'y') + "!", "(y+)+(y+)+$");
    EXPECT_EQ(run.status, 2) << run.output.substr(0, 200);
    EXPECT_TRUE(contains(run.output, "line 6: --ignore '(y+)+(y+)+$' takes too long on a line"))
        << run.output.substr(0, 300);
}

TEST(Replay, ReadsNoEndlessLine) {
    const auto run = replay_against(std::string((1 << 20) + 20'000, 'y'), "y");
    EXPECT_EQ(run.status, 1) << run.output.substr(0, 200);
    EXPECT_TRUE(contains(run.output, "a line of more than 1,048,576 bytes"))
        << run.output.substr(0, 300);
}

TEST_F(ReplayTest, SaysWhatItCannotReplay) {
    const auto run = run_tool({"replay", kTranscripts + "asyncagi-basic.agi", service_.url("")});
    EXPECT_EQ(run.status, 2);
    EXPECT_TRUE(contains(run.output, "not an AGI session")) << run.output;
    record(kPin);
    EXPECT_EQ(run_tool({"replay", file_.string()}).status, 4);  // nobody listens on port 1
    EXPECT_EQ(run_tool({"replay", service_.url("")}).status, 2);
    EXPECT_EQ(replay({"--ignore", "["}).status, 2);
}

TEST_F(ReplayTest, GoesOnBehindAFileThatItCannotRead) {
    record(kPin);
    const auto run = run_tool({"replay", "/no/such.agi", file_.string(), service_.url("")});
    EXPECT_EQ(run.status, 2);
    EXPECT_TRUE(contains(run.output, "/no/such.agi: ")) << run.output;
    EXPECT_TRUE(contains(run.output, file_.string() + ": as recorded")) << run.output;
}

// ---------------------------------------------------------------- from a server

asio::awaitable<void> menu(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const auto said = co_await call.execute(agi::GetData("menu").timeout(1s).max_digits(1));
    co_await call.execute(agi::SetVariable("CHOICE", said.digits));
}

TEST(Recordings, OfAServerAreShownAndReplayed) {
    std::string directory = ::testing::TempDir() + "/costrix-recordings-XXXXXX";
    ASSERT_TRUE(::mkdtemp(directory.data()));
    test::LogCapture log(spdlog::level::warn);
    {
        test::ServerThread server(
            {.port = 0, .logger = log.logger(), .record = agi::RecordingOptions{directory}}
        );
        server->register_script_handler("menu$", menu);
        server.start();
        const auto url = "agi://127.0.0.1:" + std::to_string(server.port()) + "/menu";
        const auto call = run_tool({"call", url, "--answer", "7@menu", "--speed", "20"});
        EXPECT_EQ(call.status, 0) << call.output;
    }
    test::ServerThread server({.port = 0, .logger = log.logger()});
    server->register_script_handler("menu$", menu);
    server.start();
    const fs::path file = *fs::directory_iterator(directory);
    const auto shown = run_tool({"show", file.string()});
    EXPECT_TRUE(contains(shown.output, "GET DATA \"menu\" 1000 1\n")) << shown.output;
    EXPECT_TRUE(contains(shown.output, "200 result=7\n")) << shown.output;
    const auto drawn = run_tool({"show", "--svg", file.string()});
    EXPECT_TRUE(drawn.output.starts_with("<svg ")) << drawn.output;
    const auto url = "agi://127.0.0.1:" + std::to_string(server.port());
    const auto replayed = run_tool({"replay", file.string(), url});
    EXPECT_EQ(replayed.status, 0) << replayed.output;
    fs::remove_all(directory);
}

/// Talks with the caller for 20 frames, and says them back as they are, or backwards.
template <bool backwards>
asio::awaitable<void> say_back_20(agi::AudioLine& line) {
    for (int i = 0; i < 20; ++i) {
        auto frame = co_await line.read();
        if (!frame)
            co_return;
        if (backwards)
            std::reverse(frame->samples.begin(), frame->samples.end());
        line.write(frame->samples);
    }
    co_await line.drained();
}

template <bool backwards>
asio::awaitable<void> talk_20(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await agi::talk(call, say_back_20<backwards>);
    co_await call.execute(agi::SetVariable("AFTERWARDS", "yes"));
}

TEST(Recordings, PlayTheCallersVoiceAgain) {
    std::string directory = ::testing::TempDir() + "/costrix-recordings-XXXXXX";
    ASSERT_TRUE(::mkdtemp(directory.data()));
    test::LogCapture log(spdlog::level::warn);
    {
        agi::RecordingOptions record{directory};
        record.audio = true;
        test::ServerThread server({.port = 0, .logger = log.logger(), .record = record});
        server->register_script_handler("talk$", talk_20<false>);
        server.start();
        testing::Scenario scenario("talk");
        scenario.answered().speak_during("AudioSocket", testing::noise(100ms), 100ms);
        asio::io_context context;
        auto call =
            asio::co_spawn(context, testing::place_call(scenario, server.port()), asio::use_future);
        context.run();
        EXPECT_EQ(call.get().variable("AFTERWARDS"), "yes");
    }
    const fs::path file = *fs::directory_iterator(directory);
    const auto shown = run_tool({"show", file.string()});
    EXPECT_TRUE(contains(shown.output, "opens audio line 1\n")) << shown.output;
    EXPECT_TRUE(contains(shown.output, "ends audio line 1\n")) << shown.output;
    test::ServerThread server({.port = 0, .logger = log.logger()});
    server->register_script_handler("talk$", talk_20<false>);
    server.start();
    const auto url = "agi://127.0.0.1:" + std::to_string(server.port());
    const auto same = run_tool({"replay", file.string(), url});
    EXPECT_EQ(same.status, 0) << same.output;
    test::ServerThread other({.port = 0, .logger = log.logger()});
    other->register_script_handler("talk$", talk_20<true>);
    other.start();
    const auto other_url = "agi://127.0.0.1:" + std::to_string(other.port());
    const auto differs = run_tool({"replay", file.string(), other_url});
    EXPECT_EQ(differs.status, 1) << differs.output;
    EXPECT_TRUE(contains(differs.output, "recorded  what was heard at ")) << differs.output;
    EXPECT_TRUE(contains(differs.output, "now       another sound")) << differs.output;
    fs::remove_all(directory);
}

}  // namespace
}  // namespace costrix
