// SPDX-License-Identifier: MIT
// Watched descriptors: told of what happens to them while they are watched, and never after that.
#include "platform/linux/epoll/epoll_set.hpp"

#include <costrix/asio.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace costrix::agi::detail {
namespace {

/// One end of a socket pair; the test has the other.
class Ear final : public EpollEntry {
public:
    Ear() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        socket = Descriptor(ends[0]);
        peer = Descriptor(ends[1]);
    }

    void say(const std::string& words) const {
        EXPECT_EQ(write(peer.number(), words.data(), words.size()), ssize_t(words.size()));
    }

    Descriptor socket, peer;
    std::function<void()> then;  // after having heard something
    int asked = 0;
    int heard = 0;

private:
    std::shared_ptr<void> keep_alive() noexcept override {
        ++asked;
        return alive_;
    }
    void on_ready(std::uint32_t, std::shared_ptr<void>) noexcept override {
        ++heard;
        if (then)
            then();
    }

    std::shared_ptr<void> alive_ = std::make_shared<int>();
};

class EpollSetTest : public ::testing::Test {
protected:
    void add(Ear& ear) {
        EXPECT_FALSE(set_.add(ear.socket.number(), ear, context_.get_executor()));
    }
    void run() {
        context_.restart();
        context_.poll();
    }

    asio::io_context context_{1};
    EpollSet& set_ = asio::use_service<EpollSet>(context_);
};

TEST_F(EpollSetTest, NeedsNoDescriptorOfItsOwnToAdd) {
    asio::steady_timer timer(context_);  // Asio's reactor is there
    Ear one;
    const int next = ::dup(one.peer.number());
    ::close(next);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none_left{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    add(one);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    one.say("hello");
    run();
    EXPECT_EQ(one.heard, 1);
    set_.remove(one);
    run();
}

TEST_F(EpollSetTest, TellsWhomItConcerns) {
    Ear one, other;
    add(one);
    add(other);
    one.say("hello");
    run();
    EXPECT_EQ(one.heard, 1);
    EXPECT_EQ(other.heard, 0);
    set_.remove(one);
    set_.remove(other);
    run();
    EXPECT_TRUE(context_.stopped()) << "an empty set keeps no work";
}

TEST_F(EpollSetTest, ForgetsADescriptorThatAChildProcessStillHas) {
    Ear gone, other;
    add(gone);
    add(other);
    const Descriptor childs(::dup(gone.socket.number()));  // as between fork and exec
    set_.remove(gone);
    gone.socket.close();
    gone.say("hello");
    run();
    EXPECT_EQ(gone.asked, 0) << "the set still has a pointer to what is gone";
    set_.remove(other);
}

TEST_F(EpollSetTest, TakesNoEventOfWhatIsGoneForThatOfItsSuccessor) {
    Ear gone, successor;
    add(gone);
    const Descriptor childs(::dup(gone.socket.number()));
    set_.remove(gone);
    gone.socket.close();
    add(successor);
    gone.say("hello");
    run();
    EXPECT_EQ(successor.heard, 0);
    successor.say("hello");
    run();
    EXPECT_EQ(successor.heard, 1);
    set_.remove(successor);
}

TEST_F(EpollSetTest, LetsOtherWorkHaveItsTurnHoweverManyAreReady) {
    constexpr int kEnough = 10'000;
    std::vector<std::unique_ptr<Ear>> ears;
    int told = 0, told_before = 0;
    for (int i = 0; i < 300; ++i) {
        auto& ear = *ears.emplace_back(std::make_unique<Ear>());
        ear.then = [&] {
            if (++told == 1)
                asio::post(context_, [&] { told_before = told; });
            if (told < kEnough)
                set_.rearm(ear.socket.number(), ear, false);
        };
        add(ear);
        ear.say("nobody reads this");
    }
    run();
    EXPECT_GE(told, kEnough);
    EXPECT_LE(told_before, 300) << "of " << told;
    for (auto& ear : ears)
        set_.remove(*ear);
}

TEST_F(EpollSetTest, KeepsNoWorkForADescriptorThatItRefused) {
    Ear ear;
    ear.socket.close();
    EXPECT_EQ(
        set_.add(ear.socket.number(), ear, context_.get_executor()), asio::error::bad_descriptor
    );
    run();
    EXPECT_TRUE(context_.stopped());
}

}  // namespace
}  // namespace costrix::agi::detail
