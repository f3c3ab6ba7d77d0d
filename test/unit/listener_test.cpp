// SPDX-License-Identifier: MIT
// A listening socket: the errors of accept(2), and closing without a loss.
#include "server/listener.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/asio.hpp>

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace costrix::agi::detail {
namespace {

using test::TcpPeer;
using namespace std::chrono_literals;

/// Accepts what the kernel gives, unless the test has an error for it.
class FaultyListener final : public Listener {
public:
    using Listener::Listener;
    std::deque<int> errors;
    int calls = 0;

private:
    Descriptor accept_connection(asio::ip::tcp::endpoint& peer) override {
        ++calls;
        if (errors.empty())
            return Listener::accept_connection(peer);
        errno = errors.front();
        errors.pop_front();
        return Descriptor();
    }
};

class ListenerTest : public ::testing::Test {
protected:
    ~ListenerTest() override {
        listener_->close();
        context_.restart();
        context_.poll();
    }

    void accept() {
        listener_->accept([this](Descriptor socket, const Peer&) {
            if (throws_ > 0) {
                if (--throws_ == 1)
                    throw system_error(asio::error::no_memory);  // the kernel's
                throw std::bad_alloc();
            }
            accepted_.push_back(std::move(socket));
            return true;
        });
    }
    std::uint16_t port() const { return listener_->endpoint().port(); }
    void connect(std::size_t number = 1) {
        for (std::size_t i = 0; i < number; ++i)
            peers_.push_back(std::make_unique<TcpPeer>(port()));
    }
    /// Runs until `condition` holds; false when it does not in time.
    template <class Condition>
    bool run_until(Condition condition, std::chrono::milliseconds patience = 10s) {
        context_.restart();
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!condition() && std::chrono::steady_clock::now() < end)
            context_.run_for(1ms);
        return condition();
    }
    /// Refuses, and cannot listen again because somebody else has the port meanwhile.
    void lose_port() {
        listener_->refuse();
        ASSERT_TRUE(run_until([&] { return test::refuses(port()); }));
        const auto other = open_listening(context_.get_executor(), listener_->endpoint(), {});
        listener_->resume();
        ASSERT_TRUE(run_until([&] { return log_.has("error: cannot listen again: "); }));
    }
    std::uint64_t errors() const { return counters_->get(&ServerCounters::accept_errors); }

    asio::io_context context_;
    test::LogCapture log_{spdlog::level::debug};
    std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
    std::shared_ptr<FaultyListener> listener_ = std::make_shared<FaultyListener>(
        open_listening(
            context_.get_executor(),
            {asio::ip::make_address("127.0.0.1"), 0},
            {.reuse_port = false, .peer_timeout = 30s}
        ),
        counters_,
        log_.logger()
    );
    std::vector<Descriptor> accepted_;
    std::vector<std::unique_ptr<TcpPeer>> peers_;
    int throws_ = 0;
};

TEST_F(ListenerTest, BacksOffWhenTheSystemIsOutOfSomething) {
    for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS}) {
        const auto before = accepted_.size();
        const auto errors_before = errors();
        listener_->errors = {error, error, error};
        const auto begin = std::chrono::steady_clock::now();
        accept();
        connect();
        ASSERT_TRUE(run_until([&] { return accepted_.size() == before + 1; })) << error;
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms) << error;  // three back-offs
        EXPECT_EQ(errors() - errors_before, 3U);
        listener_->stop();
    }
    const auto text = log_.text();
    const auto count = [&text](std::string_view part) {
        int found = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count("error: cannot accept: "), 4) << text;  // once for each trouble
    EXPECT_EQ(count("warning: accepting again"), 4) << text;
}

TEST_F(ListenerTest, GoesOnAfterAnErrorOfOneConnection) {
    listener_->errors = {ECONNABORTED, EINTR, EPROTO, ECONNABORTED};
    accept();
    connect(3);
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 3; }));
    EXPECT_EQ(errors(), 4U);
    EXPECT_FALSE(log_.has("error")) << log_.text();
}

TEST_F(ListenerTest, SurvivesThatThereIsNoMemoryForAConnection) {
    throws_ = 2;
    accept();
    connect();
    ASSERT_TRUE(run_until([&] { return errors() == 1; }));
    connect(2);
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    EXPECT_EQ(errors(), 2U);
    EXPECT_EQ(peers_[0]->line(), "<eof>");
    EXPECT_TRUE(log_.has("error: cannot accept: ")) << log_.text();
    EXPECT_TRUE(log_.has("warning: accepting again")) << log_.text();
}

TEST_F(ListenerTest, TakesWhoWaitsBeforeItRefuses) {
    accept();
    connect(5);
    listener_->refuse();
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 5; }));
    ASSERT_TRUE(run_until([&] { return test::refuses(port()); }));
    const auto before = accepted_.size();
    listener_->resume();
    connect();
    ASSERT_TRUE(run_until([&] { return accepted_.size() > before; }));
}

TEST_F(ListenerTest, TakesWhoWaitsBeforeItCloses) {
    connect(40);
    accept();
    bool done = false;
    listener_->finish([&done] { done = true; });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_EQ(accepted_.size(), 40U);
    EXPECT_TRUE(listener_->closed());
    EXPECT_TRUE(test::refuses(port()));
}

TEST_F(ListenerTest, CanBeToldToCloseWhileItRefuses) {
    accept();
    listener_->refuse();
    bool done = false;
    listener_->finish([&done] { done = true; });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_TRUE(test::refuses(port()));
    listener_->resume();
    EXPECT_TRUE(test::refuses(port()));
}

TEST_F(ListenerTest, WaitsForItsPortWhenSomebodyElseTookIt) {
    accept();
    ASSERT_NO_FATAL_FAILURE(lose_port());
    ASSERT_TRUE(run_until([&] { return test::accepts(port()); }));
    connect();
    ASSERT_TRUE(run_until([&] { return !accepted_.empty(); }));
}

TEST_F(ListenerTest, StaysClosedWhenItIsToRefuseAgainBeforeItHasReopened) {
    accept();
    ASSERT_NO_FATAL_FAILURE(lose_port());
    listener_->refuse();
    context_.restart();
    context_.run_for(10s);
    EXPECT_TRUE(context_.stopped()) << "it still tries to reopen";
    EXPECT_TRUE(test::refuses(port()));
    listener_->resume();
    connect();
    EXPECT_TRUE(run_until([&] { return !accepted_.empty(); }));
}

/// On a strand, what the last wait found out may be told after another one was asked for.
TEST_F(ListenerTest, WaitsOnceWhenItIsStoppedAndStartedInOneTurn) {
    const auto strand = asio::make_strand(context_);
    listener_->close();
    listener_ = std::make_shared<FaultyListener>(
        open_listening(strand, {asio::ip::make_address("127.0.0.1"), 0}, {}),
        counters_,
        log_.logger()
    );
    asio::post(strand, [this] { accept(); });
    context_.run_for(1ms);
    asio::post(strand, [this] {
        connect();
        // Another thread learns of the connection, and cannot tell the listener yet.
        std::thread([this] { context_.run_one(); }).join();
        listener_->stop();
        accept();
    });
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    run_until([] { return false; }, 20ms);
    listener_->calls = 0;
    connect();
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 2; }));
    run_until([] { return false; }, 20ms);
    EXPECT_EQ(listener_->calls, 2);  // one connection, and that there is no other
}

TEST_F(ListenerTest, SetsWhatFindsADeadPeerOnEachConnection) {
    accept();
    connect();
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    listener_->refuse();
    ASSERT_TRUE(run_until([&] { return test::refuses(port()); }));
    const auto before = accepted_.size();
    listener_->resume();
    connect();
    ASSERT_TRUE(run_until([&] { return accepted_.size() > before; }));
    for (const auto& socket : accepted_) {
        const auto option = [&socket](int level, int name) {
            int value = 0;
            socklen_t size = sizeof value;
            EXPECT_EQ(getsockopt(socket.number(), level, name, &value, &size), 0);
            return value;
        };
        EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
        EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 15);
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 2);
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 6);
#ifndef COSTRIX_PORTABLE
        EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
#endif
    }
}

TEST_F(ListenerTest, KeepsThePeerTimeoutInTheRangeOfTheSystem) {
    for (const auto& [asked, used] : {std::pair(1s, 3), std::pair(86400s, 16383)}) {
        auto acceptor = open_listening(
            context_.get_executor(),
            {asio::ip::make_address("127.0.0.1"), 0},
            {.peer_timeout = asked}
        );
        int value = 0;
        socklen_t size = sizeof value;
        getsockopt(acceptor.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &value, &size);
        EXPECT_EQ(value, used);  // half of it
    }
}

TEST_F(ListenerTest, KeepsTheQueueShortWhenFewAreWanted) {
    auto acceptor =
        open_listening(context_.get_executor(), {asio::ip::make_address("127.0.0.1"), 0}, {});
    const auto queue = [socket = acceptor.native_handle()] {
        tcp_info info{};  // of a socket that listens, the length of its queue
        socklen_t size = sizeof info;
        EXPECT_EQ(getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
        return info.tcpi_sacked;
    };
    listener_->close();
    listener_ = std::make_shared<FaultyListener>(std::move(acceptor), counters_, log_.logger());
    EXPECT_GE(queue(), 128U);
    listener_->set_room(3);
    EXPECT_EQ(queue(), 16U);
    listener_->set_room(100000);
    EXPECT_GE(queue(), 128U);
}

}  // namespace
}  // namespace costrix::agi::detail
