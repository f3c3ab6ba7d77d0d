// SPDX-License-Identifier: MIT
// The samples with audio do what their first lines say; the test plays Asterisk.
#include "support/audio_peer.hpp"
#include "support/child_process.hpp"
#include "support/fences.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi/protocol/audio_message.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace costrix {
namespace {

using test::ChildProcess;
using test::TcpPeer;

using test::AudioPeer;

std::uint16_t port_of(ChildProcess& service) {
    EXPECT_TRUE(service.wait_for("listening on port ")) << service.output();
    return static_cast<std::uint16_t>(std::atoi(service.output().c_str() + 18));
}

/// Answers EXEC AudioSocket by connecting, as Asterisk does.
std::unique_ptr<AudioPeer> connect_audio(TcpPeer& asterisk) {
    const auto exec = asterisk.line();
    static const std::regex pattern(R"re(EXEC "AudioSocket" "(\S{36}),127\.0\.0\.1:(\d+)")re");
    std::smatch match;
    if (!std::regex_match(exec, match, pattern))
        throw std::runtime_error("not EXEC AudioSocket: " + exec);
    auto peer = std::make_unique<AudioPeer>(static_cast<std::uint16_t>(std::stoi(match[2])));
    peer->send(test::identity(*agi::Uuid::parse(match[1].str())));
    return peer;
}

std::string key_message(char key) {
    std::string bytes;
    agi::append_key(bytes, key);
    return bytes;
}

template <class Condition>
bool wait_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
}

TEST(AudioSample, PlaysSoundFromItsMemory) {
    ChildProcess service({COSTRIX_BIN_DIR "/play_sound", "0"});
    TcpPeer asterisk(port_of(service));
    asterisk.call("tones");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    const auto scale = connect_audio(asterisk);
    EXPECT_TRUE(wait_until([&] { return scale->ended(); }));
    std::size_t loud = 0;
    for (const auto& message : scale->take())
        loud += message.size() == 320 && message != test::Samples(320) ? 1 : 0;
    EXPECT_EQ(loud, 45U) << "0.9 s";
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"HEARD\" \"900\"");
    asterisk.send("200 result=1\n");
    const auto low = connect_audio(asterisk);
    EXPECT_TRUE(wait_until([&] { return low->messages() > 3; }));
    low->send(key_message('4'));
    EXPECT_TRUE(wait_until([&] { return low->ended(); }));
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"CHOICE\" \"4\"");
    asterisk.close();
    service.signal(SIGTERM);
    EXPECT_EQ(service.wait(), 0) << service.output();
}

TEST(AudioSample, RecordsIntoAFileHere) {
    const std::string program = COSTRIX_BIN_DIR "/record_here";
    if (!std::filesystem::exists(program))
        GTEST_SKIP() << "record_here is not built: libsndfile1-dev is missing";
    const auto directory =
        std::filesystem::temp_directory_path() / ("costrix-here-" + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    ChildProcess service({program, "0", directory.string()});
    TcpPeer asterisk(port_of(service));
    asterisk.call("message");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "STREAM FILE \"beep\" \"\"");
    asterisk.send("200 result=0 endpos=800\n");
    const auto caller = connect_audio(asterisk);
    for (int i = 0; i < 10; ++i)
        caller->send(test::audio(test::Samples(160, 0x0102)));
    EXPECT_TRUE(wait_until([&] { return caller->messages() > 3; }));
    caller->send(key_message('#'));
    EXPECT_TRUE(wait_until([&] { return caller->ended(); }));
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"STOPPED_BY\" \"key\"");
    asterisk.send("200 result=1\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"LENGTH\" \"200\"");
    asterisk.close();
    service.signal(SIGTERM);
    EXPECT_EQ(service.wait(), 0) << service.output();
    const std::filesystem::directory_iterator files(directory);
    ASSERT_NE(files, std::filesystem::directory_iterator());
    EXPECT_EQ(files->path().extension(), ".wav");
    std::ifstream file(files->path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(bytes.substr(0, 4), "RIFF");
    std::string sound;
    for (int i = 0; i < 1600; ++i)
        sound += "\x02\x01";
    EXPECT_TRUE(bytes.ends_with(sound)) << bytes.size();
    std::filesystem::remove_all(directory);
}

TEST(AudioSample, ServesAudioSocketWithoutAgi) {
    ChildProcess service({COSTRIX_BIN_DIR "/audio_server", "0"});
    const auto port = port_of(service);
    AudioPeer echoed(port), called(port);
    echoed.send(test::identity(*agi::Uuid::parse("40325ec2-5efd-4bd3-805f-53576e581d13")));
    echoed.send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(wait_until([&] { return echoed.has(test::Samples(160, 7)); }));
    EXPECT_TRUE(service.wait_for("40325ec2-5efd-4bd3-805f-53576e581d13 connected"));
    called.send(test::identity(*agi::Uuid::parse("40325ec2-5efd-4bd3-805f-53576e581d10")));
    EXPECT_TRUE(wait_until([&] { return called.ended(); }));
    EXPECT_GE(called.messages(), 50U);
    service.signal(SIGTERM);
    echoed.close();
    EXPECT_EQ(service.wait(), 0) << service.output();
}

TEST(AudioSample, EchoesTheCallerUntilPound) {
    ChildProcess service({COSTRIX_BIN_DIR "/echo_audio", "0"});
    ASSERT_TRUE(service.wait_for("listening on port ")) << service.output();
    const auto port = std::atoi(service.output().c_str() + 18);
    TcpPeer asterisk(static_cast<std::uint16_t>(port));
    asterisk.call("echo");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    const auto exec = asterisk.line();
    static const std::regex pattern(R"re(EXEC "AudioSocket" "(\S{36}),127\.0\.0\.1:(\d+)")re");
    std::smatch match;
    ASSERT_TRUE(std::regex_match(exec, match, pattern)) << exec;
    TcpPeer audio(static_cast<std::uint16_t>(std::stoi(match[2])));
    std::string bytes;
    agi::append_uuid(bytes, *agi::Uuid::parse(match[1].str()));
    // 20 ms that end in a LF, which the peer's lines end with.
    std::vector<std::int16_t> voice(160, 0x0101);
    voice.back() = 0x0a01;
    agi::append_audio(bytes, voice);
    audio.send(bytes);
    EXPECT_TRUE(audio.line().ends_with(std::string(319, '\1')));
    bytes.clear();
    agi::append_key(bytes, '#');
    audio.send(bytes);
    EXPECT_EQ(audio.line(), "<eof>") << "silence, and the end";
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"SECONDS\" \"0\"");
    asterisk.close();
    audio.close();
    service.signal(SIGTERM);
    EXPECT_EQ(service.wait(), 0) << service.output();
}

TEST(AudioSample, CutsThePromptShortWhenTheCallerSpeaks) {
    ChildProcess service({COSTRIX_BIN_DIR "/voice_barge_in", "0"});
    ASSERT_TRUE(service.wait_for("listening on port ")) << service.output();
    const auto port = std::atoi(service.output().c_str() + 18);
    TcpPeer asterisk(static_cast<std::uint16_t>(port));
    asterisk.call("menu");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    const auto exec = asterisk.line();
    static const std::regex pattern(
        R"re(EXEC "Originate" "AudioSocket/127\.0\.0\.1:(\d+)/(\S{36})/c\(slin\),app,ChanSpy,.*)re"
    );
    std::smatch match;
    ASSERT_TRUE(std::regex_match(exec, match, pattern)) << exec;
    TcpPeer audio(static_cast<std::uint16_t>(std::stoi(match[1])));
    std::string bytes;
    agi::append_uuid(bytes, *agi::Uuid::parse(match[2].str()));
    audio.send(bytes);
    asterisk.send("200 result=0\n");
    auto line = asterisk.line();
    if (line == "GET VARIABLE \"ORIGINATE_STATUS\"") {  // asked where the connection is later
        asterisk.send("200 result=1 (SUCCESS)\n");
        line = asterisk.line();
    }
    EXPECT_EQ(line, "STREAM FILE \"tt-monkeys\" \"\"");
    bytes.clear();
    for (int i = 0; i < 5; ++i)
        agi::append_audio(bytes, std::vector<std::int16_t>(160, 16384));
    audio.send(bytes);
    EXPECT_EQ(answer_fences(asterisk), "SET VARIABLE \"CALLER_SPOKE\" \"1\"");
    asterisk.close();
    EXPECT_EQ(audio.line(), "<eof>") << "the end";
    audio.close();
    service.signal(SIGTERM);
    EXPECT_EQ(service.wait(), 0) << service.output();
}

}  // namespace
}  // namespace costrix
