// SPDX-License-Identifier: MIT
// A server records its calls, and the recordings are tests of its handlers.
#include "support/log_capture.hpp"
#include "support/talks.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>
#include <costrix/testing/replay.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace costrix {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using test::talks;
using testing::Scenario;

asio::awaitable<void> survey(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const auto hold = agi::StreamFile("hold").escape_digits("#");
    co_await call.execute_during(hold, call.sleep_for(20ms));
    const auto said = co_await call.execute(agi::GetData("vm-options").timeout(5s).max_digits(1));
    co_await call.execute(agi::SetVariable("ANSWER", said.digits));
    co_await call.execute(agi::StreamFile("no-such-file"));
}

/// Says back 30 frames of 20 ms.
asio::awaitable<void> say_back(agi::AudioLine& line) {
    for (int i = 0; i < 30; ++i) {
        const auto frame = co_await line.read();
        if (!frame)
            co_return;
        line.write(frame->samples);
    }
    co_await line.drained();
}

/// Says back something else.
asio::awaitable<void> say_nothing(agi::AudioLine& line) {
    for (int i = 0; i < 30; ++i)
        co_await line.read();
}

class RecordingTest : public ::testing::Test {
protected:
    RecordingTest() {
        std::string pattern = ::testing::TempDir() + "/costrix-recordings-XXXXXX";
        record_.directory = ::mkdtemp(pattern.data());
    }
    ~RecordingTest() override { fs::remove_all(record_.directory); }

    /// Serves these calls, one after the other, and gives the recordings.
    std::vector<fs::path> record(const std::vector<Scenario>& calls) {
        {
            asio::io_context context;
            agi::FastAGIServer server(
                context.get_executor(), {.port = 0, .logger = log_.logger(), .record = record_}
            );
            server.register_script_handler("survey$", survey);
            server.register_script_handler("echo$", talks(say_back));
            asio::co_spawn(context, place(calls, server), [](std::exception_ptr error) {
                if (error)
                    std::rethrow_exception(error);
            });
            asio::co_spawn(context, server.serve_forever(), [](std::exception_ptr) {});
            context.run_for(30s);
        }
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(record_.directory))
            files.push_back(entry.path());
        return files;
    }

    static Scenario call(std::string_view path = "survey") {
        Scenario scenario(path);
        scenario.any_sound(2s).without_sound("no-such-file").press_during("vm-options", "4");
        return scenario;
    }

    /// The server's sound takes its real time.
    static double speed_of(const Scenario& scenario) {
        return scenario.data().url.ends_with("echo") ? 1 : 20;
    }

    agi::RecordingOptions record_;
    test::LogCapture log_{spdlog::level::info};

private:
    static asio::awaitable<void>
    place(const std::vector<Scenario>& calls, agi::FastAGIServer& server) {
        for (const auto& scenario : calls)
            co_await testing::place_call(scenario, server.port(), nullptr, speed_of(scenario));
        server.shutdown();
    }
};

TEST_F(RecordingTest, OfACallIsATestOfItsHandler) {
    const auto files = record({call()});
    ASSERT_EQ(files.size(), 1U) << log_.text();
    const testing::CallFlow flow("survey$", survey);
    EXPECT_THROW(testing::replay(files[0], flow), agi::AGIAppError);  // as it was: no such file
    auto changed = [](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        co_await agi.execute(agi::Answer());
        co_await agi.execute(agi::StreamFile("other"));
    };
    try {
        testing::replay(files[0], changed);
        FAIL() << "no mismatch";
    } catch (const testing::Mismatch& mismatch) {
        EXPECT_EQ(mismatch.where().file(), files[0].string());
        EXPECT_EQ(mismatch.expected(), "STREAM FILE \"hold\" \"#\"");
        EXPECT_EQ(mismatch.actual(), "STREAM FILE \"other\" \"\"");
    }
}

TEST_F(RecordingTest, HasTheHangup) {
    const auto files = record({call().hang_up_during("vm-options", 100ms)});
    ASSERT_EQ(files.size(), 1U) << log_.text();
    const auto end = testing::replay(files[0], survey);
    EXPECT_TRUE(end.hung_up);
}

Scenario speaking_call() {
    Scenario scenario("echo");
    scenario.answered().speak_during("AudioSocket", testing::noise(200ms), 100ms);
    return scenario;
}

TEST_F(RecordingTest, HasTheAudioThatIsAskedFor) {
    record_.audio = true;
    const auto files = record({speaking_call()});
    ASSERT_EQ(files.size(), 1U) << log_.text();
    const auto end = testing::replay(files[0], talks(say_back));
    std::ptrdiff_t samples = 0;  // of noise(), none is 0
    for (const auto& piece : end.heard.pieces())
        samples += std::ssize(piece.samples) -
                   std::count(piece.samples.begin(), piece.samples.end(), std::int16_t{0});
    EXPECT_EQ(samples, 1600);
    try {
        testing::replay(files[0], talks(say_nothing));
        FAIL() << "no mismatch";
    } catch (const testing::Mismatch& mismatch) {
        EXPECT_EQ(mismatch.where().file(), files[0].string());
        EXPECT_EQ(mismatch.actual(), "nothing more is heard");
    }
}

TEST_F(RecordingTest, HasNoVoiceByDefault) {
    const auto files = record({speaking_call()});
    ASSERT_EQ(files.size(), 1U) << log_.text();
    const auto transcript = testing::Transcript::read(files[0]);
    for (const auto& entry : transcript.records())
        EXPECT_FALSE(entry.is_audio()) << entry.text;
    EXPECT_NO_THROW(testing::replay(files[0], talks(say_nothing)));
}

TEST_F(RecordingTest, IsOfTheChosenCallsOnly) {
    record_.paths = "survey$";
    record_.fraction = 0.5;
    EXPECT_EQ(record({call(), call("other"), call(), call("other")}).size(), 1U);
}

}  // namespace
}  // namespace costrix
