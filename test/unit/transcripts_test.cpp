// SPDX-License-Identifier: MIT
// What a real Asterisk said, through the protocol layer, cut at several sizes.
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/reply_reader.hpp>
#include <costrix/testing/transcript.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

namespace fs = std::filesystem;
using testing::Transcript;
using testing::TranscriptKind;

/// Not one conversation of one session that keeps to the protocol, and why.
const std::set<std::string> kOdd{
    "env-injected",  // two sessions, one inside the other
    "nested-agi",    // the same
    "classic-long-line",
    "long-line",  // the script breaks its lines on purpose, and gets more replies than it sent
                  // lines
};

/// FastAGI and classic transcripts with an environment block; asyncagi-* are AMI's.
std::vector<fs::path> transcripts() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(COSTRIX_TRANSCRIPTS)) {
        const auto name = entry.path().filename().string();
        if (entry.path().extension() != ".agi" || name.starts_with("asyncagi-") ||
            kOdd.contains(entry.path().stem()))
            continue;
        if (!Transcript::read(entry.path()).environment().empty())
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& info) {
    auto name = info.param.parent_path().filename().string() == "asterisk-16" ? "asterisk16_" : "";
    auto text = name + info.param.stem().string();
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

/// Plays the conversation of a transcript to the readers of a session.
class Player {
public:
    explicit Player(std::size_t chunk) : chunk_(chunk) {}

    void play(const Transcript& transcript) {
        for (const auto& record : transcript.records()) {
            if (record.kind == TranscriptKind::script) {
                flush();
                reader_.expect(traits_of_line(record.text).form);
                ++sent_;
            } else if (record.kind == TranscriptKind::asterisk) {
                pending_ += record.bytes();
            }
        }
        flush();
    }

    Environment environment_;
    std::size_t replies_ = 0, hangups_ = 0, junk_ = 0, sent_ = 0;
    bool complete_ = false;

private:
    void flush() {
        std::string_view left = pending_;
        while (!left.empty()) {
            auto part = left.substr(0, chunk_);
            left.remove_prefix(part.size());
            take(part);
        }
        pending_.clear();
    }

    void take(std::string_view part) {
        if (!complete_) {
            if (environment_reader_.next(part) != EnvironmentReader::Event::complete)
                return;
            environment_ = environment_reader_.take();
            complete_ = true;
        }
        for (;;) {
            switch (reader_.next(part)) {
            case ReplyReader::Event::need_more:
                return;
            case ReplyReader::Event::reply:
                ++replies_;
                break;
            case ReplyReader::Event::hangup:
                ++hangups_;
                break;
            case ReplyReader::Event::provisional:
                break;
            default:
                ++junk_;
                break;
            }
        }
    }

    std::size_t chunk_;
    std::string pending_;
    EnvironmentReader environment_reader_;
    ReplyReader reader_{65536};
};

class TranscriptTest : public ::testing::TestWithParam<fs::path> {};

TEST_P(TranscriptTest, ReadsTheSameAtEveryChunkSize) {
    const auto transcript = Transcript::read(GetParam());
    Player whole(1 << 20);
    whole.play(transcript);
    ASSERT_TRUE(whole.complete_);
    EXPECT_EQ(whole.junk_, 0U);
    EXPECT_LE(whole.replies_, whole.sent_);
    for (const auto& [key, value] : transcript.environment())
        EXPECT_EQ(whole.environment_.get("agi_" + key), value) << key;
    for (const std::size_t chunk : {1U, 2U, 7U}) {
        Player cut(chunk);
        cut.play(transcript);
        EXPECT_EQ(cut.replies_, whole.replies_) << chunk;
        EXPECT_EQ(cut.hangups_, whole.hangups_) << chunk;
        EXPECT_EQ(cut.junk_, 0U) << chunk;
        EXPECT_EQ(cut.environment_.block(), whole.environment_.block()) << chunk;
    }
}

INSTANTIATE_TEST_SUITE_P(Recorded, TranscriptTest, ::testing::ValuesIn(transcripts()), name_of);

}  // namespace
}  // namespace costrix::agi
