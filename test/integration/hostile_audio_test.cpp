// SPDX-License-Identifier: MIT
// Hostile peers on the audio port: strangers, and connections that turn bad after their UUID. No
// call but their own is harmed.
#include "support/audio_peer.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/talks.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using test::AudioPeer;
using test::echo;
using test::eventually;
using test::identity;
using test::LogCapture;
using test::Samples;
using test::ServerThread;
using test::TcpPeer;

/// Talks or taps, and asks for a variable afterwards, which shows that the session is in step.
asio::awaitable<void> serve_audio(AGI& call, const Request& request) {
    const auto options = AudioOptions().connect_timeout(std::chrono::minutes(1));
    std::string error = "none";
    try {
        if (request.path == "talk") {
            co_await talk(call, echo, options);
        } else {
            auto audio = co_await open_audio(call, AudioOptions(options).speak(true));
            co_await echo(audio.line());
        }
    } catch (const AGIAppError& failure) {
        error = failure.what();
    }
    const auto next = co_await call.execute(GetVariable("NEXT"));
    EXPECT_EQ(next, "42") << error;
    co_await call.execute(Noop());
}

/// A call, for which the test plays Asterisk on both connections.
class AudioCall {
public:
    AudioCall(std::uint16_t port, const std::string& way) : agi_(port), tap_(way == "tap") {
        agi_.call(way);
        static const std::regex pattern(R"re(([-0-9a-f]{36}),127\.0\.0\.1:(\d+)")re");
        static const std::regex tap_pattern(R"re(127\.0\.0\.1:(\d+)/([-0-9a-f]{36})/)re");
        const auto line = agi_.line();
        std::smatch match;
        if (!std::regex_search(line, match, tap_ ? tap_pattern : pattern))
            throw std::runtime_error("not an invitation: " + line);
        uuid_ = *Uuid::parse(match[tap_ ? 2 : 1].str());
        audio_port_ = static_cast<std::uint16_t>(std::stoi(match[tap_ ? 1 : 2]));
    }
    std::uint16_t audio_port() const { return audio_port_; }
    const Uuid& uuid() const { return uuid_; }
    AudioPeer& audio() { return *audio_; }

    void connect() {
        audio_ = std::make_unique<AudioPeer>(audio_port_);
        audio_->send(identity(uuid_));
        if (!tap_)
            return;
        agi_.send("200 result=0\n");
        auto line = agi_.line();
        if (line == "GET VARIABLE \"ORIGINATE_STATUS\"") {  // the reply was faster
            agi_.send("200 result=1 (SUCCESS)\n");
            line = agi_.line();
        }
        EXPECT_EQ(line, "EXEC \"PlayTones\" \"0\"");
        agi_.send("200 result=0\n");
    }
    /// True if the caller hears again what it says now.
    bool is_served(std::int16_t level) {
        const Samples samples(160, level);
        audio_->send(test::audio(samples));
        return eventually([&] { return audio_->has(samples); });
    }
    /// Asterisk's end of the audio; the rest of the call is in step.
    void end() {
        audio_->close();
        if (!tap_) {
            agi_.send("200 result=-1\n");
            EXPECT_EQ(agi_.line(), "CHANNEL STATUS");
            agi_.send("200 result=6\n");
        }
        EXPECT_EQ(agi_.line(), "GET VARIABLE \"NEXT\"");
        agi_.send("200 result=1 (42)\n");
        EXPECT_EQ(agi_.answer_all(), "NOOP\n");
    }

private:
    TcpPeer agi_;
    bool tap_;
    Uuid uuid_;
    std::uint16_t audio_port_ = 0;
    std::unique_ptr<AudioPeer> audio_;
};

/// What a connection says instead of its UUID.
std::vector<std::string> strange_beginnings(const Uuid& used) {
    std::string wrong_length("\x01\x00\x11", 3), key("\x03\x00\x01", 3);
    auto unknown = used;
    unknown.bytes[7] ^= 1;
    return {
        std::string(),
        std::string("\x01", 1),
        std::string("\x01\x00\x10", 3) + "half of it",
        wrong_length + std::string(17, 'u'),
        key + "1",
        test::audio(Samples(160, 1)),
        std::string("\x00\x00\x00", 3),
        std::string("\xff\x00\x00", 3),
        std::string(19, '\xff'),
        "GET / HTTP/1.1\r\nHost: costrix\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(200, 'r'),
        identity(used),
        identity(unknown),
        identity(unknown) + test::audio(Samples(160, 1)),
        std::string(100000, '\x10'),
    };
}

/// What a connection says after its UUID.
std::vector<std::string> strange_continuations(const Uuid& uuid) {
    std::string flood;
    for (int i = 0; i < 20000; ++i)
        flood += test::audio(Samples(160, 1));
    return {
        std::string("\x10\x01", 2),
        std::string("\x10\x01\x40", 3) + std::string(100, 'h'),
        identity(uuid),
        std::string("\x03\x00\x01x", 4),
        std::string("\x03\x00\x02", 3) + "12",
        std::string("\x10\x00\x00", 3),
        std::string("\x10\x00\x01s", 4),
        std::string("\x10\xff\xff", 3) + std::string(65535, 'l'),
        std::string("\xff\x00\x00", 3),
        std::string("\x00\x00\x00", 3),
        std::string("\x42\x00\x02??", 5),
        std::string(50000, '\x7f'),
        flood,
    };
}

/// A stranger may have been closed while it was still sending.
void send_what_it_takes(AudioPeer& peer, std::string_view bytes) {
    try {
        peer.send(bytes);
    } catch (const costrix::system_error&) {
    }
}

class HostileAudio : public ::testing::TestWithParam<const char*> {
protected:
    HostileAudio() {
        server_->register_script_handler(std::nullopt, serve_audio);
        server_.start();
        for (int i = 0; i < 5; ++i) {
            good_.push_back(std::make_unique<AudioCall>(server_.port(), i % 2 ? "tap" : "talk"));
            good_.back()->connect();
        }
    }
    void expect_good_calls_served() {
        for (const auto& call : good_)
            EXPECT_TRUE(call->is_served(++level_));
    }
    void end_good_calls() {
        for (const auto& call : good_)
            call->end();
        EXPECT_TRUE(eventually([&] { return server_->sessions() == 0; }));
        EXPECT_EQ(server_.counters().handler_failures, 0U);
        EXPECT_EQ(server_.counters().internal_errors, 0U);
        EXPECT_FALSE(log_.has("error: ")) << log_.text();
    }

    LogCapture log_;
    ServerThread server_{{.port = 0, .logger = log_.logger()}};
    std::vector<std::unique_ptr<AudioCall>> good_;
    std::int16_t level_ = 100;
};
INSTANTIATE_TEST_SUITE_P(Way, HostileAudio, ::testing::Values("talk", "tap"));

/// The port is open while this call's connection is awaited.
TEST_P(HostileAudio, StrangersHarmNoCall) {
    AudioCall waiting(server_.port(), GetParam());
    std::vector<std::unique_ptr<AudioPeer>> strangers;
    for (int round = 0; round < 10; ++round) {
        for (const auto& bytes : strange_beginnings(good_.front()->uuid())) {
            strangers.push_back(std::make_unique<AudioPeer>(waiting.audio_port()));
            send_what_it_takes(*strangers.back(), bytes);
            if (round % 3 == 0)
                strangers.back()->close();
        }
        expect_good_calls_served();
    }
    for (int i = 0; i < 100; ++i)
        strangers.push_back(std::make_unique<AudioPeer>(waiting.audio_port()));
    waiting.connect();
    EXPECT_TRUE(waiting.is_served(++level_)) << "whoever says nothing does not keep it out";
    expect_good_calls_served();
    waiting.end();
    end_good_calls();
}

TEST_P(HostileAudio, AConnectionThatTurnsBadHarmsItsOwnCallOnly) {
    for (const auto& bytes : strange_continuations(Uuid())) {
        AudioCall bad(server_.port(), GetParam());
        bad.connect();
        send_what_it_takes(bad.audio(), bytes);
        expect_good_calls_served();
        bad.end();
    }
    end_good_calls();
}

TEST(HostileAudioServer, StrangersAndBadLinesHarmNoOtherLine) {
    LogCapture log;
    AudioServer server({.port = 0, .max_unidentified = 1000, .logger = log.logger()});
    auto handler = [](AudioLine& line, const Uuid&) { return echo(line); };
    server.register_audio_handler(std::nullopt, handler);
    std::thread thread([&] { server.run(); });
    std::vector<std::unique_ptr<AudioPeer>> good, strangers;
    const auto connect = [&](std::string_view bytes) {
        auto peer = std::make_unique<AudioPeer>(server.port());
        send_what_it_takes(*peer, bytes);
        return peer;
    };
    std::int16_t level = 100;
    const auto is_served = [&](AudioPeer& peer) {
        const Samples samples(160, ++level);
        peer.send(test::audio(samples));
        return eventually([&] { return peer.has(samples); });
    };
    const auto uuid = *Uuid::parse("40325ec2-5efd-4bd3-805f-53576e581d13");
    for (int i = 0; i < 5; ++i)
        good.push_back(connect(identity(uuid)));
    for (const auto& bytes : strange_beginnings(uuid))
        strangers.push_back(connect(bytes));
    for (const auto& bytes : strange_continuations(uuid)) {
        strangers.push_back(connect(identity(uuid) + bytes));
        for (const auto& peer : good)
            EXPECT_TRUE(is_served(*peer));
    }
    EXPECT_TRUE(is_served(*connect(identity(uuid))));
    good.clear();
    strangers.clear();
    server.shutdown();
    thread.join();
    EXPECT_EQ(server.counters().failures, 0U);
    EXPECT_EQ(server.counters().lines, 0U);
    EXPECT_FALSE(log.has("error: ")) << log.text();
}

}  // namespace
}  // namespace costrix::agi
