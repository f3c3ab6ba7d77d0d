// SPDX-License-Identifier: MIT
// `costrix load` against servers whose delays and faults are known.
#include "integration/tool/tool_fixture.hpp"
#include "support/log_capture.hpp"
#include "support/tcp_acceptor.hpp"
#include "tool/load/load_options.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace costrix {
namespace {

using namespace std::chrono_literals;
using test::run_tool;
using test::Service;
using tool::LoadOptions;
using tool::LoadResult;

/// A server in a thread of its own, and a load on it.
class LoadTest : public ::testing::Test {
protected:
    ~LoadTest() override {
        server_.shutdown();
        if (thread_.joinable())
            thread_.join();
    }

    void serve(agi::ScriptHandler handler) {
        server_.register_script_handler(std::nullopt, std::move(handler));
        thread_ = std::thread([this] { server_.run(); });
    }
    LoadOptions options() const {
        LoadOptions options;
        const auto url = "agi://127.0.0.1:" + std::to_string(server_.port()) + "/x";
        options.url = tool::AgiUrl::parse(url);
        options.scenario.url(url).any_sound({}).talks_for({});
        return options;
    }

    test::LogCapture log_{spdlog::level::warn};
    agi::FastAGIServer server_{{.port = 0, .logger = log_.logger()}};
    std::thread thread_;
};

asio::awaitable<void> twenty_milliseconds_before_each(agi::AGI& call, const agi::Request&) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i < 5; ++i) {
        timer.expires_after(20ms);
        co_await timer.async_wait(asio::use_awaitable);
        co_await call.execute(agi::Noop());
    }
}

TEST_F(LoadTest, AgreesWithAKnownDelay) {
    serve(twenty_milliseconds_before_each);
    auto load = options();
    load.calls = 60;
    load.concurrency = 4;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.ended, 60U);
    EXPECT_EQ(result.commands, 300U);
    EXPECT_EQ(result.error_count(), 0U);
    EXPECT_EQ(result.statuses.at("SUCCESS"), 60U);
    EXPECT_EQ(result.max_at_once, 4U);
    EXPECT_EQ(result.turnaround.count(), 240U);
    EXPECT_EQ(result.first_command.count(), 60U);
    // None is shorter than the delay. Half of them are not much longer on the busiest machine.
    EXPECT_GE(result.turnaround.min(), 20ms);
    EXPECT_GE(result.first_command.min(), 20ms);
    EXPECT_LE(result.turnaround.quantile(0.5), 200ms);
    EXPECT_GE(result.call.min(), 100ms);
}

TEST_F(LoadTest, CountsTheWaitOfCallsThatAStallHasHeldBack) {
    std::atomic<int> calls{0};
    // The server's only thread stands still for half a second.
    const auto stall = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        if (++calls == 10)
            std::this_thread::sleep_for(500ms);
        co_await call.execute(agi::Noop());
    };
    serve(stall);
    auto load = options();
    load.calls = 100;
    load.rate = 200;
    load.concurrency = 4;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.ended, 100U);
    EXPECT_EQ(result.error_count(), 0U);
    // Four calls were open, the other 87 or so that were due meanwhile waited as well.
    EXPECT_GE(result.first_command.quantile(0.75), 100ms);
    EXPECT_GE(result.first_command.max(), 450ms);
    EXPECT_GE(result.held_back, 40U);
    EXPECT_NE(load_text(load, result).find("--concurrency 4"), std::string::npos);
}

asio::awaitable<void> wait_a_while(agi::AGI& call, const agi::Request&) {
    co_await call.sleep_for(400ms);
    co_await call.execute(agi::Noop());
}

TEST_F(LoadTest, MakesEveryCallThatIsDueHoweverManyAreOpen) {
    serve(wait_a_while);
    auto load = options();
    load.rate = 400;
    load.duration = 300ms;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.begun, 120U);
    EXPECT_EQ(result.ended, 120U);
    EXPECT_EQ(result.never_made, 0U);
    EXPECT_EQ(result.error_count(), 0U);
    // The rate is that of the schedule, whatever the last calls take.
    EXPECT_GE(result.took, 690ms);
    EXPECT_GE(result.begun_in, 297ms);
    if (result.begun_in < 305ms) {  // this machine kept up
        EXPECT_GE(result.max_at_once, 100U);
        EXPECT_NEAR(calls_per_second(load, result), 400, 10);
    }
    EXPECT_NE(load_text(load, result).find("120 calls begun in "), std::string::npos)
        << load_text(load, result);
}

TEST_F(LoadTest, CountsTheCallsThatWereNeverMade) {
    serve(wait_a_while);
    auto load = options();
    load.rate = 400;
    load.duration = 300ms;
    load.concurrency = 7;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.begun + result.never_made, 120U);
    EXPECT_EQ(result.begun, 7U);
    EXPECT_EQ(result.errors.at("never made"), result.never_made);
    EXPECT_NE(
        load_text(load, result).find("113 calls were due and never made because"), std::string::npos
    ) << load_text(load, result);
}

TEST_F(LoadTest, SaysWhichSoundNeverBegan) {
    serve([](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::GetData("menu").timeout(50ms).max_digits(1));
    });
    auto load = options();
    load.calls = 3;
    load.presses = {{"1", "menu", 1}, {"2", "mnu", 1}};
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.unheard, std::vector<std::string>{"mnu"});
    EXPECT_NE(load_text(load, result).find("The sound mnu of --press never"), std::string::npos);
}

TEST_F(LoadTest, SaysWhichApplicationTheSimulationLacks) {
    serve([](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Answer());
        co_await call.execute(agi::Exec("Queue", "sales"));
    });
    auto load = options();
    load.calls = 3;
    auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.lacking.at("application Queue"), 3U);
    EXPECT_TRUE(result.lacks_application());
    EXPECT_NE(load_text(load, result).find("3 times: the simulation has no"), std::string::npos);
    load.scenario.application("Queue", testing::ApplicationOutcome().sets("QUEUESTATUS", "FULL"));
    result = tool::run_load(load, nullptr);
    EXPECT_FALSE(result.lacks_application());
    EXPECT_EQ(result.statuses.at("SUCCESS"), 3U);
}

TEST_F(LoadTest, PressesKeysAndHangsUp) {
    std::map<std::string, int> pressed;
    int gone = 0;
    const auto menu = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        try {
            const auto data = agi::GetData("menu").timeout(50ms).max_digits(1);
            const auto choice = co_await call.execute(data);
            ++pressed[choice.digits];
        } catch (const agi::AGIHangup&) {
            ++gone;  // on a busy machine a caller may not wait for the reply
            throw;
        }
        co_await call.wait_for_hangup();
    };
    serve(menu);
    auto load = options();
    load.calls = 200;
    load.presses = {{"1", "menu", 0.5}, {"2", "menu", 0.25}};
    load.hangups = {{1, {400ms, 500ms}}};
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.statuses.at("HANGUP"), 200U);
    server_.shutdown();
    thread_.join();
    EXPECT_EQ(pressed["1"] + pressed["2"] + pressed[""] + gone, 200);
    EXPECT_LE(gone, 10);
    EXPECT_NEAR(pressed["1"], 100, 35);
    EXPECT_NEAR(pressed["2"], 50, 30);
}

TEST_F(LoadTest, CountsRefusedCommands) {
    const auto wrong = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Noop());
        co_await call.send("NO SUCH COMMAND");
    };
    serve(wrong);
    auto load = options();
    load.calls = 5;
    load.line_by_line = true;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.refused.at("510"), 5U);
    EXPECT_EQ(result.error_count(), 0U);
}

TEST_F(LoadTest, CountsErrorsByKind) {
    serve([](agi::AGI&, const agi::Request&) -> asio::awaitable<void> { co_return; });
    auto load = options();
    load.calls = 7;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.errors.at("closed before a command"), 7U);
    EXPECT_EQ(result.ended, 7U);
}

TEST_F(LoadTest, GivesUpOnASilentScript) {
    serve([](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.wait_for_hangup();
    });
    auto load = options();
    load.calls = 3;
    load.timeout = 300ms;
    const auto result = tool::run_load(load, nullptr);
    EXPECT_EQ(result.errors.at("no command"), 3U);
}

enum class Then { closes, leaves_the_reply_unread, echoes };

/// A server that says this to every call.
LoadResult load_on_server_that_says(const std::string& text, Then then) {
    test::TcpAcceptor server;
    std::thread thread([&] {
        for (int i = 0; i < 2; ++i) {
            const auto peer = server.accept();
            auto line = peer->line();
            while (!line.empty())
                line = peer->line();
            peer->send(text);
            if (then == Then::leaves_the_reply_unread)
                peer->wait_for_bytes();
            for (; then == Then::echoes && line != "<eof>" && line != "<timeout>";
                 line = peer->line())
                peer->send(line + "\n");
        }
    });
    LoadOptions load;
    load.url = tool::AgiUrl::parse("agi://127.0.0.1:" + std::to_string(server.port()) + "/x");
    load.scenario.url(load.url.text).any_sound(10s);
    load.calls = 2;
    load.concurrency = 1;
    auto result = tool::run_load(load, nullptr);
    thread.join();
    return result;
}

TEST(Load, CountsWhatIsNoFastAgiAsErrors) {
    const std::string none = "no AGI command: this is not a FastAGI server";
    const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
    for (const auto then : {Then::closes, Then::leaves_the_reply_unread}) {
        const auto result = load_on_server_that_says(http, then);
        EXPECT_EQ(result.errors, (std::map<std::string, std::uint64_t>{{none, 2U}}));
    }
    EXPECT_EQ(load_on_server_that_says("agi_network: yes\n", Then::echoes).errors.at(none), 2U);
    const auto killed = load_on_server_that_says("STREAM FILE a \"\"\n", Then::closes);
    EXPECT_EQ(killed.errors.at("closed while a command ran"), 2U);
}

/// As a server does that is killed in the middle of a talk.
TEST(Load, CountsACallWhoseAudioIsCutOffAsAnError) {
    test::TcpAcceptor server, audio;
    const auto where = "127.0.0.1:" + std::to_string(audio.port());
    std::thread thread([&] {
        const auto peer = server.accept();
        auto line = peer->line();
        while (!line.empty())
            line = peer->line();
        peer->send("EXEC AudioSocket \"40325ec2-5efd-4bd3-805f-53576e581d13," + where + "\"\n");
        audio.accept()->close();
        peer->line();  // the reply
    });
    LoadOptions load;
    load.url = tool::AgiUrl::parse("agi://127.0.0.1:" + std::to_string(server.port()) + "/x");
    load.scenario.url(load.url.text).answered();
    load.calls = 1;
    const auto result = tool::run_load(load, nullptr);
    thread.join();
    EXPECT_EQ(result.errors.at("audio: closed without its end"), 1U);
    EXPECT_TRUE(result.statuses.empty());
}

TEST(Load, DoesNotHammerAtAPortWhereNobodyListens) {
    test::TcpAcceptor server;
    LoadOptions load;
    load.url = tool::AgiUrl::parse("agi://127.0.0.1:" + std::to_string(server.port()) + "/x");
    load.scenario.url(load.url.text);
    load.calls = 1'000'000'000;
    server.close();
    const auto nobody = tool::run_load(load, nullptr);
    EXPECT_LE(nobody.begun, 64U);
    EXPECT_TRUE(nobody.unreachable);
    // One that goes away is asked for now and then.
    test::TcpAcceptor leaving;
    load.url = tool::AgiUrl::parse("agi://127.0.0.1:" + std::to_string(leaving.port()) + "/x");
    load.duration = 500ms;
    load.concurrency = 2;
    std::thread thread([&] {
        const auto peer = leaving.accept();
        leaving.close();
        peer->line();
        peer->close();
    });
    const auto gone = tool::run_load(load, nullptr);
    thread.join();
    EXPECT_FALSE(gone.unreachable);
    EXPECT_LE(gone.begun, 20U);
}

// ---------------------------------------------------------------- the program

class LoadProgram : public ::testing::Test {
protected:
    std::string contents(const std::filesystem::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    Service service_{{COSTRIX_BIN_DIR "/ivr", "0"}};
};

TEST_F(LoadProgram, ReportsAsTextJsonAndPage) {
    const auto page = std::filesystem::temp_directory_path() /
                      ("costrix_load_test_" + std::to_string(getpid()) + ".html");
    const auto run = run_tool(
        {"load",
         service_.url("menu"),
         "--calls",
         "20",
         "--press",
         "2@vm-options",
         "--html",
         page.string(),
         "--json"}
    );
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_NE(run.output.find("\"calls_ended\": 20,"), std::string::npos) << run.output;
    EXPECT_NE(run.output.find("\"HANGUP\": 20"), std::string::npos) << run.output;
    EXPECT_NE(contents(page).find("<svg"), std::string::npos);
    std::filesystem::remove(page);
    const auto text =
        run_tool({"load", service_.url("menu"), "--calls", "5", "--press", "2@vm-options"});
    EXPECT_EQ(text.status, 0) << text.output;
    EXPECT_NE(text.output.find("next command"), std::string::npos) << text.output;
}

TEST_F(LoadProgram, StopsOnCtrlCAndReportsWhatItHas) {
    test::ChildProcess load(
        {test::kTool,
         "load",
         service_.url("menu"),
         "--duration",
         "1h",
         "--rate",
         "50",
         "--press",
         "2@vm-options"}
    );
    ASSERT_FALSE(load.wait_for("no such text", 1s));  // it is under way
    load.signal(SIGINT);
    EXPECT_EQ(load.wait(), 130) << load.output();
    EXPECT_NE(load.output().find("Interrupted"), std::string::npos) << load.output();
}

TEST_F(LoadProgram, FailsWithoutAServer) {
    test::TcpAcceptor nobody;
    const auto url = "agi://127.0.0.1:" + std::to_string(nobody.port()) + "/x";
    nobody.close();
    const auto run = run_tool({"load", url, "--calls", "10"});
    EXPECT_EQ(run.status, 4) << run.output;
    EXPECT_NE(run.output.find(" connect: Connection refused"), std::string::npos) << run.output;
    EXPECT_NE(run.output.find("so the load ended"), std::string::npos) << run.output;
}

TEST_F(LoadProgram, RefusesWhatMakesNoSense) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--press", "1"},
          {"--press", "1@x:120%"},
          {"--think", "2s..1s"},
          {"--hangup", "5@1s"},
          {"--rate", "-1"},
          {"--rate", "nan"},
          {"--calls", "0"},
          {"--calls", "100000000000000000000"},
          {"--scenario", std::filesystem::temp_directory_path().string()},
          {"--html", "/no/such/directory/page.html"},
          {"--concurrency", "0"}}) {
        std::vector<std::string> all{"load", "agi://127.0.0.1/"};
        all.insert(all.end(), words.begin(), words.end());
        const auto run = run_tool(all);
        EXPECT_EQ(run.status, 2) << words[0] << " " << words[1];
        EXPECT_LT(run.output.size(), 250U) << run.output;
    }
    const auto sum =
        run_tool({"load", "agi://127.0.0.1/", "--press", "1@menu:60%", "--press", "2@menu:60%"});
    EXPECT_EQ(sum.status, 2) << sum.output;
    EXPECT_NE(sum.output.find("menu add up to 120%"), std::string::npos) << sum.output;
    const auto calls = run_tool({"load", "agi://127.0.0.1/", "--calls", "0"});
    EXPECT_NE(calls.output.find("'0' is not a whole number from 1 to 1"), std::string::npos)
        << calls.output;
}

}  // namespace
}  // namespace costrix
