// SPDX-License-Identifier: MIT
// The sample redis_queue, in two processes, with a real Redis that is killed, frozen and restarted.
#include "backends/service.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace costrix {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using namespace std::chrono_literals;

constexpr const char* kRedis = "/usr/bin/redis-server";

/// A caller in a queue, and what was announced last.
struct QueueCaller {
    asio::cancellation_signal stop;
    std::string waiting;
    bool thanked = false;
    bool over = false;
};

/// Callers who wait, on a thread of their own.
class QueueCallers {
public:
    ~QueueCallers() {
        hang_up();
        thread_.join();
    }
    explicit QueueCallers(int number, std::uint16_t port) {
        for (int i = 0; i < number; ++i) {
            auto& caller = *callers_.emplace_back(std::make_unique<QueueCaller>());
            testing::Scenario scenario("queue/sales");
            scenario.any_sound(10ms).answer_delay({}).without_events();
            auto observer = [this, &caller](const testing::Event& event) { note(caller, event); };
            asio::co_spawn(
                context_,
                testing::place_call(scenario, port, observer),
                asio::bind_cancellation_slot(
                    caller.stop.slot(),
                    [this, &caller](std::exception_ptr, const auto&) {
                        const std::lock_guard lock(mutex_);
                        caller.over = true;
                    }
                )
            );
        }
        thread_ = std::thread([this] { context_.run(); });
    }
    void hang_up() {
        asio::post(context_, [this] {
            for (const auto& caller : callers_)
                caller->stop.emit(asio::cancellation_type::terminal);
        });
    }
    /// Whether the last that every caller has heard of is this number.
    bool all_know(const std::string& waiting) {
        const std::lock_guard lock(mutex_);
        return std::ranges::all_of(callers_, [&](const auto& caller) {
            return caller->waiting == waiting;
        });
    }
    bool all_were_thanked() {
        const std::lock_guard lock(mutex_);
        return std::ranges::all_of(callers_, [](const auto& caller) { return caller->thanked; });
    }
    bool any_over() {
        const std::lock_guard lock(mutex_);
        return std::ranges::any_of(callers_, [](const auto& caller) { return caller->over; });
    }

private:
    void note(QueueCaller& caller, const testing::Event& event) {
        static const std::string set = "SET VARIABLE \"WAITING\" \"";
        const std::lock_guard lock(mutex_);
        if (event.kind() == testing::EventKind::command && event.text().starts_with(set)) {
            caller.waiting = event.text().substr(set.size());
            caller.waiting.pop_back();
        }
        if (event.kind() == testing::EventKind::played && event.text() == "queue-thankyou")
            caller.thanked = true;
    }

    asio::io_context context_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<QueueCaller>> callers_;
    std::thread thread_;
};

class Redis : public ::testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kRedis))
            GTEST_SKIP() << "SKIPPED: Redis is not installed: test/backends/run installs it";
        std::string pattern = (fs::temp_directory_path() / "costrix-redis-XXXXXX").string();
        ASSERT_TRUE(mkdtemp(pattern.data()));
        directory_ = pattern;
        start_redis();
        first_ = start_service();
        second_ = start_service();
    }
    void TearDown() override {
        redis_.reset();
        fs::remove_all(directory_);
    }
    /// It keeps nothing on disk, so it is empty when it comes back. (Redis 7 is ready, Redis 8 is
    /// Ready.)
    void start_redis() {
        redis_ = std::make_unique<test::Service>(std::vector<std::string>{
            kRedis, "--port", "0", "--unixsocket", path(), "--save", "", "--dir", directory_});
        ASSERT_TRUE(eventually([this] {
            return redis_->output().find("eady to accept connections") != std::string::npos;
        })) << redis_->output();
    }
    void kill_redis() {
        redis_->signal(SIGKILL);
        redis_->wait();
    }
    std::unique_ptr<test::Service> start_service() {
        return std::make_unique<test::Service>(std::vector<std::string>{
            COSTRIX_BIN_DIR "/redis_queue", path(), "0", "300"});
    }
    std::string path() const { return directory_ + "/redis.sock"; }

    std::string directory_;
    std::unique_ptr<test::Service> redis_, first_, second_;
};

TEST_F(Redis, CountsTheCallersOfAllProcesses) {
    QueueCallers here(5, first_->port());
    auto there = std::make_unique<QueueCallers>(7, second_->port());
    EXPECT_TRUE(eventually([&] { return here.all_know("12") && there->all_know("12"); }));
    there->hang_up();
    EXPECT_TRUE(eventually([&] { return here.all_know("5"); }));
    there.reset();
    second_->signal(SIGTERM);
    EXPECT_EQ(second_->wait(), 0) << second_->output();
}

TEST_F(Redis, ForgetsTheCallersOfAProcessThatDied) {
    QueueCallers here(2, first_->port()), there(3, second_->port());
    ASSERT_TRUE(eventually([&] { return here.all_know("5"); }));
    second_->signal(SIGKILL);
    EXPECT_TRUE(eventually([&] { return here.all_know("2"); }));
}

TEST_F(Redis, CallsGoOnWhileItIsKilledAndRestarted) {
    QueueCallers here(100, first_->port()), there(150, second_->port());
    ASSERT_TRUE(eventually([&] { return here.all_know("250") && there.all_know("250"); }));
    kill_redis();
    EXPECT_TRUE(eventually([&] { return here.all_know("UNKNOWN") && there.all_know("UNKNOWN"); }));
    EXPECT_TRUE(eventually([&] { return here.all_were_thanked() && there.all_were_thanked(); }));
    EXPECT_NE(first_->output().find("is not counted: "), std::string::npos);
    start_redis();
    EXPECT_TRUE(eventually([&] { return here.all_know("250") && there.all_know("250"); }));
    EXPECT_FALSE(here.any_over() || there.any_over());
}

TEST_F(Redis, AFrozenServerHoldsUpNoCall) {
    QueueCallers before(50, first_->port());
    ASSERT_TRUE(eventually([&] { return before.all_know("50"); }));
    redis_->signal(SIGSTOP);
    QueueCallers meanwhile(50, first_->port());
    EXPECT_TRUE(eventually([&] {
        return before.all_know("UNKNOWN") && meanwhile.all_know("UNKNOWN");
    }));
    EXPECT_LT(
        test::time_of([&] {
            test::TcpPeer asterisk(first_->port());
            asterisk.call("queue/sales");
            EXPECT_EQ(asterisk.line(), "ANSWER");
        }),
        test::kAtOnce
    );
    redis_->signal(SIGCONT);
    EXPECT_TRUE(eventually([&] { return before.all_know("100") && meanwhile.all_know("100"); }));
    EXPECT_FALSE(before.any_over() || meanwhile.any_over());
}

}  // namespace
}  // namespace costrix
