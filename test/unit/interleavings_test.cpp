// SPDX-License-Identifier: MIT
// Random interleavings of commands, cancellations, deadlines, late replies and HANGUP lines, on a
// bare dialogue: never out of step.
#include "support/asterisk_model.hpp"
#include "support/bare_dialogue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace costrix::agi::detail {
namespace {

using namespace std::chrono_literals;

class Interleavings : public ::testing::Test {
protected:
    void play(unsigned seed, int rounds) {
        Random random(seed);
        for (int round = 0; round < rounds && !HasFailure(); ++round) {
            if (round % 50 == 0 || (*dialogue_)->hung_up())
                begin();
            play_round(random);
            if (HasFailure())
                std::cout << "seed " << seed << ", round " << round << "\n";
        }
    }

    int answered_ = 0, given_up_ = 0, late_ = 0, hangups_ = 0;

private:
    using Random = std::mt19937;

    void begin() {
        commands_.clear();
        to_us_.clear();
        model_ = {};
        dialogue_.emplace();
        (*dialogue_)->receive("agi_network: yes\nagi_version: 22.10.1\n\n");
        (*dialogue_)->allow_after_hangup();
        ASSERT_TRUE(dialogue_->was_opened);
    }

    void play_round(Random& random) {
        for (auto steps = 3 + random() % 12; steps > 0; --steps) {
            act(random);
            exchange();
        }
        drain();
    }

    void act(Random& random) {
        now_ += 10ms;
        switch (random() % 9) {
        default:
            submit(random);
            break;
        case 3:
            cancel(random);
            break;
        case 4:
        case 5:
            if (model_.busy())
                to_us_ += model_.finish();
            break;
        case 6:
            deliver(1 + random() % 30);
            break;
        case 7:
            if (random() % 30 == 0) {
                to_us_ += "HANGUP\n";
                ++hangups_;
            }
            break;
        case 8:
            (*dialogue_)->pass(now_);
            break;
        }
    }

    void submit(Random& random) {
        if (commands_.size() >= 4)
            return;
        const auto id = std::to_string(++last_id_);
        struct Kind {
            const char *begin, *end;
            CommandTraits traits;
        };
        constexpr Kind kKinds[] = {
            {"GET VARIABLE \"", "\"\n", command_traits("GET VARIABLE")},
            {"STREAM FILE \"", "\" \"\"\n", command_traits("STREAM FILE")},
            {"EXEC \"Wait\" \"", "\"\n", command_traits("EXEC")}};
        const auto& kind = kKinds[random() % 3];
        const auto deadline =
            random() % 8 == 0 ? now_ + static_cast<int>(random() % 5) * 10ms : Deadline::max();
        auto& command =
            commands_.emplace_back(last_id_, kind.begin + id + kind.end, kind.traits, deadline);
        (*dialogue_)->submit(command);
    }

    void cancel(Random& random) {
        if (commands_.empty())
            return;
        const auto chosen = static_cast<int>(random() % commands_.size());
        const Stop stops[] = {Stop::at_once, Stop::when_stopped, Stop::prompt_only};
        (*dialogue_)->cancel(std::next(commands_.begin(), chosen)->id, stops[random() % 3], now_);
    }

    /// Gives what was sent to the model, and notes what that answers at once.
    void exchange() {
        ASSERT_TRUE(model_.take(dialogue_->take_sent(), to_us_)) << "a second command in flight";
        std::erase_if(commands_, [this](const test::Command& command) {
            if (command.done)
                check(command);
            return command.done;
        });
    }

    void check(const test::Command& command) {
        if (command.end == End::replied) {
            ++answered_;
            const auto text = command.reply.text();
            const auto id = std::to_string(command.id);
            const auto at = text.rfind(id);
            const bool own = at != std::string_view::npos &&
                             (text[at - 1] == '(' || text[at - 1] == '=') &&
                             text.find_first_not_of(')', at + id.size()) == std::string_view::npos;
            EXPECT_TRUE(own) << text << " is the reply to another command than " << id;
        } else {
            ++(command.end == End::timed_out ? late_ : given_up_);
            EXPECT_TRUE(command.end != End::timed_out || command.deadline <= now_);
        }
    }

    void deliver(std::size_t size) {
        const auto part = to_us_.substr(0, size);
        to_us_.erase(0, part.size());
        (*dialogue_)->receive(part);
    }

    void drain() {
        exchange();
        for (int i = 0; i < 100 && (!commands_.empty() || model_.busy()); ++i) {
            if (to_us_.empty() && model_.busy())
                to_us_ += model_.finish();
            deliver(to_us_.size());
            exchange();
        }
        deliver(to_us_.size());
        EXPECT_TRUE(commands_.empty()) << commands_.size() << " commands hang";
        EXPECT_EQ(dialogue_->why, "");
    }

    std::list<test::Command> commands_;
    std::optional<test::BareDialogue> dialogue_{std::in_place};
    test::AsteriskModel model_;
    std::string to_us_;
    Deadline now_ = Deadline() + 1h;
    std::uint64_t last_id_ = 0;
};

TEST_F(Interleavings, NeverGetOutOfStep) {
    const char* given = std::getenv("COSTRIX_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::atoi(given)) : std::random_device()();
    std::cout << "seed " << seed << " (COSTRIX_SEED repeats it)\n";
    play(seed, COSTRIX_INTERLEAVINGS);
    std::cout << COSTRIX_INTERLEAVINGS << " interleavings: " << answered_ << " commands answered, "
              << given_up_ << " given up, " << late_ << " too late, " << hangups_ << " hangups\n";
    // Random or not, a run in which one of these hardly happened has shown nothing.
    EXPECT_GT(answered_, COSTRIX_INTERLEAVINGS / 2);
    EXPECT_GT(given_up_, COSTRIX_INTERLEAVINGS / 10);
    EXPECT_GT(late_, COSTRIX_INTERLEAVINGS / 100);
    EXPECT_GT(hangups_, COSTRIX_INTERLEAVINGS / 200);
}

}  // namespace
}  // namespace costrix::agi::detail
