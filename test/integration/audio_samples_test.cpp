// SPDX-License-Identifier: MIT
// The samples with audio do what their first lines say; the test plays Asterisk.
#include "support/child_process.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi/protocol/audio_message.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

namespace costrix {
namespace {

using test::ChildProcess;
using test::TcpPeer;

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
    EXPECT_EQ(asterisk.line(), "GET FULL VARIABLE \"costrix-fence-1\"");
    asterisk.send("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(asterisk.line(), "SET VARIABLE \"CALLER_SPOKE\" \"1\"");
    asterisk.close();
    EXPECT_EQ(audio.line(), "<eof>") << "the end";
    audio.close();
    service.signal(SIGTERM);
    EXPECT_EQ(service.wait(), 0) << service.output();
}

}  // namespace
}  // namespace costrix
