// SPDX-License-Identifier: MIT
// Every kind of command, hung up while it runs and before it: a SIP caller's BYE ends the handler.
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/sip_phone.hpp"
#include "asterisk/speech_engine.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

/// What a handler does in a loop; it ends by itself, or with the call.
struct Kind {
    std::string name;
    std::function<asio::awaitable<void>(AGI&)> step;
};

template <Action A>
asio::awaitable<void> execute(AGI& call, A action) {
    co_await call.execute(action);
    co_await call.sleep_for(50ms);
}

template <Action A>
Kind command(std::string name, A action) {
    return {std::move(name), [action](AGI& call) { return execute(call, action); }};
}

std::vector<Kind> media() {
    return {
        command("stream-file", StreamFile("tt-monkeys")),
        command("control-stream-file", ControlStreamFile("tt-monkeys")),
        command("get-data-prompt", GetData("tt-monkeys")),
        command("get-data-wait", GetData("beep").timeout(30s)),
        command("get-option-prompt", GetOption("tt-monkeys", "1")),
        command("get-option-wait", GetOption("beep", "1").timeout(30s)),
        command("wait-for-digit", WaitForDigit(30s)),
        command("record-file", RecordFile("/tmp/costrix-sweep").timeout(30s)),
        command("say-alpha", SayAlpha("abcdefghijklmnopqrstuvwxyz")),
        command("say-digits", SayDigits("01234567890123456789")),
        command("say-number", SayNumber(123'456'789)),
        command("say-phonetic", SayPhonetic("abcdefghijklmnopqrstuvwxyz")),
        command("say-date", SayDate(std::chrono::system_clock::now())),
        command("say-time", SayTime(std::chrono::system_clock::now())),
        command("say-datetime", SayDatetime(std::chrono::system_clock::now())),
        command("receive-char", ReceiveChar(30s)),
        command("receive-text", ReceiveText(30s)),
    };
}

std::vector<Kind> applications() {
    return {
        command("exec-wait", Exec("Wait", "5")),
        command("exec-playback", Exec("Playback", "tt-monkeys")),
        command("exec-background", Exec("BackGround", "tt-monkeys")),
        command("exec-read", Exec("Read", "DIGITS", "tt-monkeys", "4", "", "1", "5")),
        command("exec-record", Exec("Record", "/tmp/costrix-exec.wav", "0", "30")),
        command("exec-music", Exec("MusicOnHold", "default", "30")),
        command("exec-silence", Exec("WaitForSilence", "5000", "1", "5")),
        command("exec-dial-ringing", Exec("Dial", "Local/ring@costrix-party/n", "30")),
        command("exec-dial-answered", Exec("Dial", "Local/answer@costrix-party/n", "30")),
        command("exec-bridge", Exec("BridgeWait", "costrix-sweep")),
        command("gosub", Gosub("costrix-sub", "wait", "1")),
    };
}

std::vector<Kind> at_once() {
    return {
        command("noop", Noop()),
        command("verbose", Verbose("hello")),
        command("answer", Answer()),
        command("channel-status", ChannelStatus()),
        command("get-variable", GetVariable("CONTEXT")),
        command("get-full-variable", GetFullVariable("${CONTEXT}")),
        command("set-variable", SetVariable("A", "b")),
        command("database-put", DatabasePut("costrix", "sweep", "x")),
        command("set-callerid", SetCallerid("555")),
        command("set-music", SetMusic(true)),
        command("send-text", SendText("hello")),
        command("set-autohangup", SetAutohangup(30s)),
    };
}

std::vector<Kind> combinations() {
    return {
        {"during",
         [](AGI& call) -> asio::awaitable<void> {
             co_await call.execute_during(StreamFile("tt-monkeys"), test::long_work());
         }},
        {"deadline",
         [](AGI& call) -> asio::awaitable<void> {
             try {
                 co_await call.execute(StreamFile("tt-monkeys"), 200ms);
             } catch (const AGITimeout&) {
             }
         }},
        {"speech",
         [](AGI& call) -> asio::awaitable<void> {
             co_await call.execute(SpeechCreate("costrix"));
             co_await call.execute(SpeechRecognize("tt-monkeys", 30s));
         }},
        {"sleep", [](AGI& call) { return call.sleep_for(200ms); }},
    };
}

/// What ends only where Asterisk tells of the hangup: Echo never ends on a channel that is dead.
std::vector<Kind> where_told() {
    return {
        command("exec-echo", Exec("Echo")),
        {"wait-for-hangup", [](AGI& call) { return call.wait_for_hangup(); }},
        {"unless-hung-up", [](AGI& call) { return call.unless_hung_up(test::long_work()); }},
    };
}

/// One call of the sweep.
struct Cell {
    const Kind* kind = nullptr;
    bool idle = false;               // hung up before the command, not in it
    std::atomic<bool> here = false;  // the handler runs
    std::atomic<bool> gone = false;  // the caller has hung up
    std::atomic<int> rounds = 0;     // begun after that
    std::string seen = "nothing";    // what ended the handler
};

class Sweep : public test::AsteriskTest {
protected:
    /// Runs each kind in two calls of this prefix, which the dialplan knows.
    void run(const std::string& prefix, const std::vector<std::vector<Kind>>& groups);

    /// Kinds of exceptions that have ended a handler.
    std::map<std::string, int> ends_;

private:
    asio::awaitable<void> handle(AGI& call, const Request& request);
    static asio::awaitable<void> loop(AGI& call, Cell& cell);
    void hang_up(bool idle);
    template <class Condition>
    static void until(Condition condition, const char* what);

    std::map<std::string, Cell> cells_;
    test::SpeechEngine engine_{test::port_of("AEAP_PORT", 5039)};
    test::SipPhone phone_{test::port_of("SIP_PORT", 5098)};
};

template <class Condition>
void Sweep::until(Condition condition, const char* what) {
    for (const auto end = std::chrono::steady_clock::now() + 30s; !condition();) {
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error(std::string("not after 30 s: ") + what);
        std::this_thread::sleep_for(10ms);
    }
}

asio::awaitable<void> Sweep::loop(AGI& call, Cell& cell) {
    cell.here = true;
    while (cell.idle && !cell.gone)
        co_await call.sleep_for(20ms);
    for (;;) {
        if (cell.gone)
            ++cell.rounds;
        co_await cell.kind->step(call);
        co_await call.execute(ChannelStatus());  // anything that a dead channel refuses
    }
}

asio::awaitable<void> Sweep::handle(AGI& call, const Request& request) {
    auto& cell = cells_.at(request.path);
    try {
        co_await loop(call, cell);
    } catch (const AGIResultHangup&) {
        cell.seen = "AGIResultHangup";
        throw;
    } catch (const AGISIGPIPEHangup&) {
        cell.seen = "AGISIGPIPEHangup";
        throw;
    } catch (const std::exception& error) {
        cell.seen = error.what();
        throw;
    }
}

void Sweep::hang_up(bool idle) {
    for (auto& [name, cell] : cells_) {
        if (cell.idle == idle)
            phone_.hang_up(name);
    }
}

void Sweep::run(const std::string& prefix, const std::vector<std::vector<Kind>>& groups) {
    for (const auto& group : groups) {
        for (const auto& kind : group) {
            for (const bool idle : {false, true}) {
                auto& cell = cells_[prefix + kind.name + (idle ? "-idle" : "-during")];
                cell.kind = &kind;
                cell.idle = idle;
            }
        }
    }
    serve([this](AGI& call, const Request& request) { return handle(call, request); });
    for (const auto& [name, cell] : cells_) {
        asterisk_.expect(name);
        phone_.call(name, std::to_string(server_.port()));
    }
    for (const auto& [name, cell] : cells_)
        until([&] { return cell.here.load(); }, name.c_str());
    std::this_thread::sleep_for(700ms);  // into the commands, past a beep
    hang_up(true);
    hang_up(false);
    until([&] { return phone_.open() == 0; }, "BYE");
    std::this_thread::sleep_for(100ms);
    for (auto& [name, cell] : cells_)
        cell.gone = true;
    for (const auto& [name, cell] : cells_)
        EXPECT_EQ(asterisk_.wait(name, 30s).agistatus, "HANGUP") << name;
    finish();
    for (const auto& [name, cell] : cells_) {
        ++ends_[cell.seen];
        EXPECT_TRUE(cell.seen.ends_with("Hangup")) << name << ": " << cell.seen;
        EXPECT_LE(cell.rounds, 1) << name;
    }
    expect_nothing_wrong();
    EXPECT_EQ(server_.counters().hangups, cells_.size());
    EXPECT_EQ(asterisk_.command("core show channels count").substr(0, 17), "0 active channels");
}

TEST_F(Sweep, EveryCommandEndsWithTheHangup) {
    run("plain-", {media(), applications(), at_once(), combinations(), where_told()});
    EXPECT_EQ(ends_.count("AGISIGPIPEHangup"), 0U);
}

TEST_F(Sweep, EveryCommandEndsWithTheHangupWhereAsteriskSaysNothing) {
    run("nosig-", {media(), applications(), at_once(), combinations()});
    EXPECT_EQ(ends_.count("AGISIGPIPEHangup"), 0U);
}

TEST_F(Sweep, EveryCommandEndsWithTheHangupWhereAsteriskCloses) {
    run("exit-", {media(), applications(), at_once(), combinations(), where_told()});
}

}  // namespace
}  // namespace costrix::agi
