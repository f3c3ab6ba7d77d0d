// SPDX-License-Identifier: MIT
// What is recorded, in which form, and where it stops.
#include "recording/recorder.hpp"

#include <costrix/agi/protocol/transcript_format.hpp>
#include <costrix/testing/transcript.hpp>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using detail::CallRecording;
using detail::Recorder;
using detail::RecordingBudget;

Environment environment() {
    EnvironmentReader reader;
    std::string_view block = "agi_network: yes\nagi_uniqueid: 1.1/..\nagi_version: 22.10.1\n"
                             "agi_accountcode: \n\n";
    EXPECT_EQ(reader.next(block), EnvironmentReader::Event::complete);
    return reader.take();
}

TEST(TranscriptFormat, SurvivesEveryByte) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& text : {all, std::string(" a "), std::string("\\x41"), std::string()}) {
        std::string line;
        append_transcript_line(line, transcript_mark::script, text);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        EXPECT_EQ(
            std::string(line.begin(), line.begin() + (text.empty() ? 1 : 2)),
            text.empty() ? ">" : "> "
        );
        const auto read = testing::Transcript::parse(line);
        ASSERT_EQ(read.records().size(), 1U);
        EXPECT_EQ(read.records()[0].text, text);
    }
}

TEST(CallRecording, IsATranscript) {
    const CallRecording::Time start(1h);
    RecordingBudget budget(1 << 20, std::make_shared<spdlog::logger>("nobody"));
    CallRecording recording("call-1.agi", "a test", environment(), 10000, budget, start);
    recording.add(true, "GET VARIABLE \"V\"", start + 10ms);
    recording.add(false, "200 result=1 (one\ntwo)", start + 1510ms);
    recording.note("script closes the connection", start + 1520ms);
    EXPECT_EQ(
        recording.text(),
        "# scenario: call-1\n# shows: a test\n# asterisk: 22.10.1\n"
        "< agi_network: yes\n< agi_uniqueid: 1.1/..\n< agi_version: 22.10.1\n"
        "< agi_accountcode:\\x20\n<\n"
        "> GET VARIABLE \"V\"\n# +1.50 s\n< 200 result=1 (one\n< two)\n"
        "! script closes the connection\n"
    );
}

TEST(CallRecording, IsCutOffWhereItGetsTooLong) {
    const CallRecording::Time start(1h);
    RecordingBudget budget(1 << 20, std::make_shared<spdlog::logger>("nobody"));
    for (const std::string line :
         {"NOOP", "\x01\x02\x03\x04", ""}) {  // a pause takes a line as well
        CallRecording recording("x.agi", "a test", environment(), 500, budget, start);
        for (int i = 0; i < 100; ++i)
            recording.add(true, line, start + i * 1min);
        EXPECT_LE(
            recording.text().size(), 500 + std::string_view("# cut off: over 500 bytes\n").size()
        );
        EXPECT_TRUE(recording.text().ends_with("# cut off: over 500 bytes\n"));
    }
}

TEST(CallRecording, IsMeasuredAsItIsWritten) {
    const CallRecording::Time start(1h);
    RecordingBudget budget(1 << 20, std::make_shared<spdlog::logger>("nobody"));
    CallRecording recording("x.agi", "a test", environment(), 500, budget, start);
    const auto before = recording.text();
    recording.add(true, std::string(200, '\x01'), start);
    EXPECT_EQ(recording.text(), before + "# cut off: over 500 bytes\n");
}

TEST(CallRecording, IsCutOffWhereAllTogetherGetTooLong) {
    const CallRecording::Time start(1h);
    std::ostringstream log;
    RecordingBudget budget(
        1000,
        std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)
        )
    );
    {
        CallRecording one("1.agi", "a test", environment(), 10000, budget, start);
        CallRecording other("2.agi", "a test", environment(), 10000, budget, start);
        for (int i = 0; i < 100; ++i) {
            one.add(true, "NOOP", start);
            other.add(true, "NOOP", start);
        }
        const std::string_view last = "# cut off: all recordings together are over 1000 bytes\n";
        EXPECT_TRUE(one.text().ends_with(last)) << one.text();
        EXPECT_TRUE(other.text().ends_with(last)) << other.text();
        EXPECT_LE(one.text().size() + other.text().size(), 1000 + 2 * last.size());
    }
    const auto said = log.str();
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
    CallRecording next("3.agi", "a test", environment(), 10000, budget, start);
    EXPECT_FALSE(next.cut()) << "what has ended takes no memory";
}

class RecorderTest : public ::testing::Test {
protected:
    RecorderTest() {
        std::string pattern = ::testing::TempDir() + "/costrix-recordings-XXXXXX";
        options_.directory = ::mkdtemp(pattern.data());
    }
    ~RecorderTest() override { fs::remove_all(options_.directory); }

    /// Begins and saves recordings of this path; how many it wanted.
    int record(int calls, std::string_view path = "menu") {
        Recorder recorder(options_, logger());
        return record(recorder, calls, path);
    }
    static int record(Recorder& recorder, int calls, std::string_view path) {
        int wanted = 0;
        for (int i = 0; i < calls; ++i) {
            if (auto recording = recorder.begin(environment(), path)) {
                ++wanted;
                recorder.save(std::move(recording));
            }
        }
        return wanted;
    }

    std::shared_ptr<spdlog::logger> logger() {
        return std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)
        );
    }

    std::vector<fs::path> files() const {
        std::vector<fs::path> all;
        for (const auto& entry : fs::directory_iterator(options_.directory))
            all.push_back(entry.path());
        return all;
    }

    RecordingOptions options_;
    std::ostringstream log_;
};

TEST_F(RecorderTest, WritesAFileForEachCallThatOnlyTheUserCanRead) {
    EXPECT_EQ(record(3), 3);
    ASSERT_EQ(files().size(), 3U);
    for (const auto& file : files()) {
        struct stat state {};
        ::stat(file.c_str(), &state);
        EXPECT_EQ(state.st_mode & 0777, 0600U);
        EXPECT_NE(file.string().find("-1.1_..-"), std::string::npos) << file;
        const auto read = testing::Transcript::read(file);
        EXPECT_EQ(read.environment().at("uniqueid"), "1.1/..");
        EXPECT_EQ(read.header("scenario"), file.stem());
    }
}

TEST_F(RecorderTest, BeginsNoRecordingThatThereIsNoMemoryFor) {
    options_.max_memory_bytes = 400;
    Recorder recorder(options_, logger());
    auto first = recorder.begin(environment(), "x");
    ASSERT_NE(first, nullptr);
    auto second = recorder.begin(environment(), "x");
    EXPECT_TRUE(!second || first->text().size() + second->text().size() <= 400);
    EXPECT_EQ(recorder.begin(environment(), "x"), nullptr);
    first.reset();
    second.reset();
    EXPECT_NE(recorder.begin(environment(), "x"), nullptr);
}

TEST_F(RecorderTest, TakesTheRoutesAndTheFractionThatItIsTold) {
    options_.paths = "menu|support/";
    options_.fraction = 0.25;
    EXPECT_EQ(record(100, "menu"), 25);
    EXPECT_EQ(record(100, "support/x"), 25);
    EXPECT_EQ(record(100, "other"), 0);
    options_.paths = "(?P<queue>sales|support)/";  // as a handler's may be written
    EXPECT_EQ(record(100, "support/x"), 25);
    options_.fraction = 0;
    EXPECT_EQ(record(100), 0);
}

TEST_F(RecorderTest, StopsWhenTheDirectoryIsFull) {
    options_.max_files = 4;
    EXPECT_EQ(record(6), 6);
    EXPECT_EQ(files().size(), 4U);
    EXPECT_NE(log_.str().find("no more calls are recorded"), std::string::npos) << log_.str();
    fs::remove(files().front());
    record(6);
    EXPECT_EQ(files().size(), 4U);
    options_.max_files = 100;
    options_.max_bytes = 1000;
    fs::remove(files().front());
    record(100);
    EXPECT_LT(files().size(), 10U);
}

TEST_F(RecorderTest, LosesWhatTheDiskIsTooSlowFor) {
    options_.max_waiting_bytes = 10;
    record(3);
    EXPECT_TRUE(files().empty());
    EXPECT_NE(log_.str().find("recordings are lost"), std::string::npos) << log_.str();
}

TEST_F(RecorderTest, SaysOnceThatItCannotWrite) {
    {
        Recorder recorder(options_, logger());
        fs::remove(options_.directory);
        record(recorder, 3, "menu");
    }
    const auto log = log_.str();
    const std::string_view said = "recordings are lost: they cannot be written";
    EXPECT_NE(log.find(said), std::string::npos) << log;
    EXPECT_EQ(log.find(said), log.rfind(said)) << log;
    EXPECT_NE(log.find(options_.directory), std::string::npos) << log;
}

TEST_F(RecorderTest, RefusesWhatItCannotDo) {
    auto wrong = options_;
    wrong.fraction = 1.5;
    EXPECT_THROW(Recorder(wrong, logger()), std::invalid_argument);
    wrong = options_;
    wrong.paths = "(";
    EXPECT_THROW(Recorder(wrong, logger()), std::invalid_argument);
    wrong = options_;
    wrong.directory += "/none";
    EXPECT_THROW(Recorder(wrong, logger()), std::system_error);
}

}  // namespace
}  // namespace costrix::agi
