// SPDX-License-Identifier: MIT
// Interleavings as in interleavings_test.cpp, through a whole session and its coroutines.
#include "support/asterisk_model.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <cstdlib>
#include <list>
#include <random>

namespace costrix::agi {
namespace {

/// Fewer than of the bare dialogue: what they share is shown there.
constexpr int kRounds = COSTRIX_INTERLEAVINGS / 20;

/// What the test knows of one of its commands.
struct ExpectedTask {
    std::string id;
    std::shared_ptr<test::Task> task;
    std::optional<std::string> got;  // what its result says it is the reply to
};

class SessionInterleavings : public test::SessionTest {
protected:
    void play(unsigned seed, int rounds) {
        std::mt19937 random(seed);
        for (int round = 0; round < rounds; ++round) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
            if (round % 50 == 0 || call().hung_up())
                begin_session();
            play_round(random);
            if (HasFailure())
                return;
        }
    }

private:
    using Random = std::mt19937;

    void begin_session() {
        open(test::plain_environment());
        model_ = test::AsteriskModel();
        to_session_.clear();
        expected_.clear();
        call().allow_after_hangup();
    }

    void play_round(Random& random) {
        const int steps = 3 + static_cast<int>(random() % 12);
        for (int step = 0; step < steps; ++step) {
            switch (random() % 8) {
            case 0:
            case 1:
            case 2:
                start_command(random);
                break;
            case 3:
                cancel_one(random);
                break;
            case 4:
            case 5:
                if (model_.busy())
                    to_session_ += model_.finish();
                break;
            case 6:
                deliver(1 + random() % 30);
                break;
            case 7:
                if (random() % 30 == 0)
                    hang_up();
                break;
            }
            exchange();
        }
        drain();
    }

    /// A HANGUP line stands between two lines.
    void hang_up() {
        to_session_ += "HANGUP\n";
        ++hangups_;
    }

    void start_command(Random& random) {
        if (expected_.size() >= 4)
            return;
        auto& one = expected_.emplace_back();
        one.id = std::to_string(++last_id_);
        switch (random() % 3) {
        case 0:
            one.task = start(get_variable(one.id, one.got));
            break;
        case 1:
            one.task = start(stream_file(one.id, one.got));
            break;
        default:
            one.task = start(exec(one.id, one.got));
            break;
        }
    }

    asio::awaitable<void> get_variable(std::string id, std::optional<std::string>& got) {
        got = co_await call().execute(GetVariable(id));
    }
    asio::awaitable<void> stream_file(std::string id, std::optional<std::string>& got) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        const auto played = co_await call().execute(StreamFile(id));
        got = std::to_string(played.endpos.count());
    }
    asio::awaitable<void> exec(std::string id, std::optional<std::string>& got) {
        const auto result = co_await call().execute(Exec("Wait", id));
        got = std::to_string(result.value);
    }

    void cancel_one(Random& random) {
        if (expected_.empty())
            return;
        auto& one = *std::next(expected_.begin(), static_cast<int>(random() % expected_.size()));
        const asio::cancellation_type types[] = {
            asio::cancellation_type::terminal,
            asio::cancellation_type::partial,
            asio::cancellation_type::total};
        one.task->cancel.emit(types[random() % 3]);
        run();
    }

    /// Gives what the session sent to the model, and notes what the model answers at once.
    void exchange() {
        run();
        ASSERT_TRUE(model_.take(sent(), to_session_)) << "a second command was in flight";
    }

    void deliver(std::size_t size) {
        size = std::min(size, to_session_.size());
        const auto part = to_session_.substr(0, size);
        to_session_.erase(0, size);
        asterisk(part);
        check();
    }

    void drain() {
        for (int i = 0; i < 100 && (!expected_.empty() || model_.busy()); ++i) {
            exchange();
            if (to_session_.empty() && model_.busy())
                to_session_ += model_.finish();
            deliver(to_session_.size());
        }
        deliver(to_session_.size());
        EXPECT_TRUE(expected_.empty()) << expected_.size() << " commands hang";
        EXPECT_EQ(why_, "");
    }

    void check() {
        std::erase_if(expected_, [this](const ExpectedTask& one) {
            if (!one.task->done())
                return false;
            if (one.got)
                EXPECT_EQ(*one.got, one.id) << "a reply that is another command's";
            else
                EXPECT_TRUE(one.task->error()) << "neither a result nor an exception";
            ++(one.got ? answered_ : given_up_);
            return true;
        });
    }

    test::AsteriskModel model_;
    std::string to_session_;
    std::list<ExpectedTask> expected_;
    int last_id_ = 0;

protected:
    int answered_ = 0, given_up_ = 0, hangups_ = 0;
};

TEST_F(SessionInterleavings, NeverGetOutOfStep) {
    const char* given = std::getenv("COSTRIX_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::atoi(given)) : std::random_device()();
    std::cout << "seed " << seed << " (COSTRIX_SEED repeats it)\n";
    play(seed, kRounds);
    // Random or not, a run in which one of these hardly happened has shown nothing.
    EXPECT_GT(answered_, kRounds / 2);
    EXPECT_GT(given_up_, kRounds / 10);
    EXPECT_GT(hangups_, kRounds / 200);
}

}  // namespace
}  // namespace costrix::agi
