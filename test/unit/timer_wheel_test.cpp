// SPDX-License-Identifier: MIT
// The timer wheel: who may go while it is told, and the ends of the clock.
#include "session/timer_wheel.hpp"

#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace costrix::agi::detail {
namespace {

using namespace std::chrono_literals;

/// Leaves the wheel when it goes, as a session does.
class Sleeper final : public Timer, public std::enable_shared_from_this<Sleeper> {
public:
    Sleeper(
        TimerWheel& wheel,
        std::shared_ptr<Sleeper>& owner,
        const asio::any_io_executor& executor
    )
        : wheel_(wheel), owner_(owner), executor_(executor) {
        wheel_.enter();
    }
    ~Sleeper() { wheel_.leave(*this); }

    int told = 0;
    bool heard = true;
    bool goes = false;

private:
    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    void on_expired() noexcept override {
        ++told;
        if (!heard)
            wheel_.arm(*this, wheel_.now(), executor_);
        if (goes)
            owner_.reset();
    }

    TimerWheel& wheel_;
    std::shared_ptr<Sleeper>& owner_;
    asio::any_io_executor executor_;
};

class Wheel : public ::testing::Test {
protected:
    Wheel() { wheel_.set_time(start_); }

    std::shared_ptr<Sleeper> sleeper(std::chrono::nanoseconds time) {
        auto made = std::make_shared<Sleeper>(wheel_, owner_, context_.get_executor());
        wheel_.arm(*made, start_ + time, context_.get_executor());
        return made;
    }
    void pass(std::chrono::nanoseconds time) {
        wheel_.set_time(start_ + time);
        wheel_.turn_by_hand();
    }

    asio::io_context context_;
    TimerWheel& wheel_ = asio::use_service<TimerWheel>(context_);
    TimerWheel::Clock::time_point start_{1h};
    std::shared_ptr<Sleeper> owner_;
};

TEST_F(Wheel, ReleasesTheLastReferenceToWhatItTells) {
    for (const bool heard : {true, false}) {
        owner_ = sleeper(10ms);
        owner_->goes = true;
        owner_->heard = heard;
        const std::weak_ptr<Sleeper> watch = owner_;
        pass(20ms);
        EXPECT_TRUE(watch.expired());
        EXPECT_FALSE(wheel_.next());
        start_ += 20ms;
    }
}

TEST_F(Wheel, TellsWhoArmsAgainInTheNextTurn) {
    const auto deaf = sleeper(10ms);
    deaf->heard = false;
    pass(20ms);
    deaf->heard = true;
    pass(20ms);
    EXPECT_EQ(deaf->told, 1) << "not in the same turn";
    pass(30ms);
    EXPECT_EQ(deaf->told, 2);
    pass(60s);
    EXPECT_EQ(deaf->told, 2);
}

TEST_F(Wheel, TakesADeadlineAtTheEndOfTheClock) {
    const auto patient = sleeper(TimerWheel::Clock::time_point::max() - 1ns - start_);
    pass(60s);
    EXPECT_EQ(patient->told, 0);
    EXPECT_GT(wheel_.next().value(), start_ + 24h * 365);
}

}  // namespace
}  // namespace costrix::agi::detail
