// SPDX-License-Identifier: MIT
// What a real Asterisk sent on audio connections, replayed to a line in the recorded times.
#include "audio/audio_connection.hpp"
#include "support/scripted_transport.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Nanoseconds = std::chrono::nanoseconds;

/// A line such as `+0.145 < 10 320 level 5074`, as transcripts/FORMAT.md has it.
struct AudioRecord {
    Nanoseconds time{};
    char direction = 0;
    std::string text;

    unsigned kind() const {
        return static_cast<unsigned>(std::stoul(text.substr(0, 2), nullptr, 16));
    }
    std::size_t size() const { return std::stoul(text.substr(3)); }
    bool audio() const { return direction == '<' && kind() >= 0x10 && kind() <= 0x18; }
    /// As many bytes as Asterisk sent: audio of that level, or the payload itself.
    std::string bytes() const;
};

std::string AudioRecord::bytes() const {
    std::string bytes{static_cast<char>(kind())};
    bytes += static_cast<char>(size() >> 8);
    bytes += static_cast<char>(size() & 0xff);
    const auto rest = text.substr(text.rfind(' ') + 1);
    if (audio()) {
        const auto level = static_cast<unsigned>(std::stoul(rest));
        for (std::size_t i = 0; i < size(); i += 2) {
            bytes += static_cast<char>(level & 0xff);
            bytes += static_cast<char>(level >> 8);
        }
        return bytes;
    }
    for (std::size_t i = 0; i < 2 * size(); i += 2)
        bytes += static_cast<char>(std::stoul(rest.substr(i, 2), nullptr, 16));
    return bytes;
}

std::vector<AudioRecord> records_of(const fs::path& path) {
    std::vector<AudioRecord> records;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#'))
            continue;
        AudioRecord record;
        double seconds = 0;
        std::istringstream words(line);
        words.ignore(1);
        words >> seconds >> record.direction;
        words.ignore(1);
        std::getline(words, record.text);
        EXPECT_TRUE(line.starts_with('+') && !record.text.empty()) << line;
        record.time =
            std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
        records.push_back(std::move(record));
    }
    return records;
}

bool connects(const fs::path& path) {
    const auto records = records_of(path);
    return std::any_of(records.begin(), records.end(), [](const AudioRecord& record) {
        return record.text == "Asterisk connects";
    });
}

/// Those in which Asterisk connects.
std::vector<fs::path> audio_transcripts() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(fs::path(COSTRIX_TRANSCRIPTS) / "audio"))
        if (connects(entry.path()))
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

/// Frames, keys, and how it ended.
struct Took {
    std::vector<std::pair<std::size_t, int>> frames;  // length and level
    std::string keys;
    bool ended = false;

    bool operator==(const Took&) const = default;
};

/// What a handler is to be given.
Took expected(const std::vector<AudioRecord>& records) {
    Took took;
    for (const auto& record : records) {
        if (record.direction == '>' && record.kind() == 0)
            took.ended = true;
        if (record.text == "the server closes the connection" ||
            record.text == "Asterisk closes the connection" ||
            record.text == "Asterisk resets the connection")
            took.ended = true;
        if (took.ended)
            break;
        if (record.audio())
            took.frames.emplace_back(
                record.size() / 2, std::stoi(record.text.substr(record.text.rfind(' ') + 1))
            );
        if (record.direction == '<' && record.kind() == 0x03)
            took.keys += record.bytes().back();
    }
    return took;
}

/// A line on virtual time, and two coroutines that read it.
class ReplayedLine {
public:
    ReplayedLine() {
        wheel().set_time(now_);
        auto transport = std::make_unique<test::ScriptedTransport>(context_);
        transport_ = transport.get();
        connection_ = std::make_shared<detail::AudioConnection>(std::move(transport), 5s);
        connection_->start();
        line_.emplace(connection_, true);
    }
    ~ReplayedLine() {
        line_.reset();
        transport_->end();
        run();
    }
    Took replay(const std::vector<AudioRecord>& records, std::size_t chunk) {
        Took took;
        asio::co_spawn(context_, take_frames(*line_, took), asio::detached);
        asio::co_spawn(context_, take_keys(*line_, took), asio::detached);
        const auto begin = now_;
        for (const auto& record : records) {
            pass_until(begin + record.time);
            replay(record, chunk);
        }
        pass_until(now_ + 2s);
        const bool ended = took.ended;
        line_->end();  // the readers do not outlive `took`
        run();
        took.ended = ended;
        return took;
    }

private:
    detail::TimerWheel& wheel() { return asio::use_service<detail::TimerWheel>(context_); }
    void run() {
        context_.restart();
        context_.poll();
    }
    void pass_until(std::chrono::steady_clock::time_point time) {
        while (now_ < time) {
            now_ = std::min<std::chrono::steady_clock::time_point>(now_ + 10ms, time);
            wheel().set_time(now_);
            wheel().turn_by_hand();
            run();
        }
    }
    static asio::awaitable<void> take_frames(AudioLine& line, Took& took) {
        while (const auto frame = co_await line.read()) {
            EXPECT_EQ(frame->lost, 0U);
            took.frames.emplace_back(frame->samples.size(), frame->samples.front());
        }
        took.ended = true;
    }
    static asio::awaitable<void> take_keys(AudioLine& line, Took& took) {
        while (const auto key = co_await line.next_key())
            took.keys += *key;
    }
    void replay(const AudioRecord& record, std::size_t chunk) {
        if (record.direction == '<' && record.kind() != 0x01)
            transport_->receive(record.bytes(), chunk);
        else if (record.direction == '>' && record.kind() == 0)
            line_->end();
        else if (record.text == "the server closes the connection")
            line_->end();
        else if (record.text == "Asterisk closes the connection")
            transport_->end();
        else if (record.text == "Asterisk resets the connection")
            transport_->end(asio::error::connection_reset);
        run();
    }

    asio::io_context context_;
    std::chrono::steady_clock::time_point now_{1h};
    test::ScriptedTransport* transport_ = nullptr;
    std::shared_ptr<detail::AudioConnection> connection_;
    std::optional<AudioLine> line_;
};

class AudioTranscript : public ::testing::TestWithParam<fs::path> {};
INSTANTIATE_TEST_SUITE_P(
    Recorded,
    AudioTranscript,
    ::testing::ValuesIn(audio_transcripts()),
    [](const ::testing::TestParamInfo<fs::path>& transcript) {
        auto name = transcript.param.stem().string();
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    }
);

TEST_P(AudioTranscript, GivesFramesKeysAndTheEnd) {
    const auto records = records_of(GetParam());
    const auto wanted = expected(records);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
        const auto took = ReplayedLine().replay(records, chunk);
        EXPECT_EQ(took.frames, wanted.frames) << chunk;
        EXPECT_EQ(took.keys, wanted.keys) << chunk;
        EXPECT_TRUE(took.ended && wanted.ended) << chunk;
    }
}

}  // namespace
}  // namespace costrix::agi
