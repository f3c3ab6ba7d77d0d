// SPDX-License-Identifier: MIT
// Where a FastAGIServer gets its calls from: Unix sockets, and acceptors that the user opened.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"
#include "support/unix_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

namespace fs = std::filesystem;

using test::answer;
using test::connect_unix;
using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;
using test::UnixPath;
using LocalAcceptor = asio::local::stream_protocol::acceptor;
using TcpAcceptor = asio::ip::tcp::acceptor;

/// Answers the command of a call that is held; then it ends.
void finish(TcpPeer& held) {
    held.send("200 result=0\n");
    EXPECT_EQ(held.line(), "<eof>");
}

class UnixSocket : public ::testing::Test {
protected:
    FastAGIServerOptions options() const {
        return {.unix_socket = path_.text(), .logger = log_.logger()};
    }
    /// Why a server cannot listen on a path.
    std::string failure(const std::string& path) const {
        try {
            const FastAGIServer server({.unix_socket = path, .logger = log_.logger()});
        } catch (const std::system_error& error) {
            return error.what();
        }
        return "it listens";
    }
    unsigned mode() const {
        struct stat found {};
        EXPECT_EQ(::lstat(path_.text().c_str(), &found), 0);
        return found.st_mode & 0777;
    }

    UnixPath path_;
    LogCapture log_{spdlog::level::debug};
};

TEST_F(UnixSocket, IsServedWithoutAnAddress) {
    std::optional<Request> seen;
    auto flow = [&seen](AGI& call, const Request& request) -> asio::awaitable<void> {
        seen = request;
        co_await call.execute(Answer());
    };
    auto with_limits = options();
    with_limits.allow = {};
    with_limits.max_sessions_per_peer = 1;
    ServerThread server(with_limits);
    EXPECT_EQ(server.port(), 0);
    server->register_script_handler("x", flow);
    server.start();
    const auto held = connect_unix(path_.text());
    held->call("x");
    EXPECT_EQ(held->line(), "ANSWER");
    const auto second = connect_unix(path_.text());
    second->call("x");
    EXPECT_EQ(second->answer_all(), "ANSWER\n");
    finish(*held);
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    connect_unix(path_.text())->send("GET / HTTP/1.1\n");
    ASSERT_TRUE(eventually([&] { return server.counters().not_agi == 1; }));
    server.stop();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->peer, std::nullopt);
    EXPECT_TRUE(log_.has("does not begin with an agi_ line; connection closed")) << log_.text();
    EXPECT_EQ(server.counters().refused_address + server.counters().refused_per_peer, 0U);
}

TEST_F(UnixSocket, HasAFileForItsUserAloneUntilItsEnd) {
    {
        ServerThread server(options());
        EXPECT_EQ(mode(), 0600U);
        server.start();
        server.stop();
        EXPECT_FALSE(fs::exists(path_.text())) << "it no longer listens";
    }
    auto open = options();
    open.unix_socket_mode = 0666;
    const FastAGIServer server(open);
    EXPECT_EQ(mode(), 0666U);
}

TEST_F(UnixSocket, ReplacesWhatAKilledProcessLeftBehind) {
    asio::io_context context;
    LocalAcceptor(context, path_.text()).close();
    ASSERT_TRUE(fs::is_socket(path_.text()));
    ServerThread server(options());
    server->register_script_handler("x", answer);
    server.start();
    const auto call = connect_unix(path_.text());
    call->call("x");
    EXPECT_EQ(call->answer_all(), "ANSWER\n");
    EXPECT_EQ(std::distance(fs::directory_iterator(path_.folder()), {}), 1) << "nothing is left";
}

TEST_F(UnixSocket, SaysWhyItCannotListen) {
    const FastAGIServer other(options());
    const auto quoted = [](const std::string& path) {
        return "cannot listen on the Unix socket \"" + path + '"';
    };
    EXPECT_EQ(failure(path_.text()), quoted(path_.text()) + ": Address already in use");
    const auto file = path_.folder() + "/file";
    std::ofstream(file) << "x";
    EXPECT_EQ(failure(file), quoted(file) + ", which is a file of another kind: File exists");
    EXPECT_TRUE(fs::is_regular_file(file));
    const auto nowhere = path_.folder() + "/nowhere/socket";
    EXPECT_EQ(failure(nowhere), quoted(nowhere) + ": No such file or directory");
    const auto longer = path_.folder() + std::string(120, 'x');
    EXPECT_EQ(failure(longer), quoted(longer) + ": File name too long");
    EXPECT_EQ(
        failure(std::string("x\0y", 3)),
        quoted("x") + ": there is a zero byte in its name: Invalid argument"
    );
}

TEST_F(UnixSocket, IsTakenOverByTheNextServer) {
    auto shared = options();
    shared.reuse_port = true;
    ServerThread first(shared);
    first->register_script_handler("x", answer);
    first.start();
    const auto held = connect_unix(path_.text());
    held->call("x");
    EXPECT_EQ(held->line(), "ANSWER");
    ServerThread second(shared);
    second->register_script_handler("y", answer);
    second.start();
    const auto call = connect_unix(path_.text());
    call->call("y");
    EXPECT_EQ(call->answer_all(), "ANSWER\n");
    finish(*held);
    first.stop();
    const auto later = connect_unix(path_.text());
    later->call("y");
    EXPECT_EQ(later->answer_all(), "ANSWER\n");
}

TEST_F(UnixSocket, IsServedBySeveralThreads) {
    std::mutex mutex;
    std::set<std::thread::id> seen;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    };
    ServerThread server(options());
    server->register_script_handler("x", flow);
    server.start(3);
    ASSERT_TRUE(eventually([&] {
        std::vector<std::unique_ptr<TcpPeer>> calls;
        for (int i = 0; i < 20; ++i) {
            calls.push_back(connect_unix(path_.text()));
            calls.back()->call("x");
        }
        for (const auto& call : calls)
            EXPECT_EQ(call->answer_all(), "ANSWER\n");
        const std::lock_guard lock(mutex);
        return seen.size() > 1;
    }));
    server.stop();
}

TEST_F(UnixSocket, LetsCallsWaitAtTheLimit) {
    auto limited = options();
    limited.max_sessions = 2;
    ServerThread server(limited);
    server->register_script_handler("x", answer);
    server.start();
    std::vector<std::unique_ptr<TcpPeer>> held;
    for (int i = 0; i < 2; ++i) {
        held.push_back(connect_unix(path_.text()));
        held.back()->call("x");
        EXPECT_EQ(held.back()->line(), "ANSWER");
    }
    ASSERT_TRUE(eventually([&] { return server.counters().overloads == 1; }));
    const auto waiting = connect_unix(path_.text());
    waiting->call("x");
    finish(*held[0]);
    EXPECT_EQ(waiting->answer_all(), "ANSWER\n");
    finish(*held[1]);
}

TEST_F(UnixSocket, ServesWhoWaitsWhenItIsShutDown) {
    auto limited = options();
    limited.max_sessions = 1;
    ServerThread server(limited);
    server->register_script_handler("x", answer);
    server.start();
    const auto held = connect_unix(path_.text());
    held->call("x");
    EXPECT_EQ(held->line(), "ANSWER");
    ASSERT_TRUE(eventually([&] { return server.counters().overloads == 1; }));
    const auto waiting = connect_unix(path_.text());
    waiting->call("x");
    server->shutdown();
    EXPECT_EQ(waiting->answer_all(), "ANSWER\n");
    finish(*held);
    server.join();
    EXPECT_THROW(connect_unix(path_.text()), std::system_error);
}

// --- acceptors of the user's ---------------------------------------------------------------------

class GivenAcceptor : public ::testing::Test {
protected:
    ~GivenAcceptor() override { stop(); }

    FastAGIServer& serve(std::unique_ptr<FastAGIServer> server) {
        server_ = std::move(server);
        server_->register_script_handler("x", answer);
        served_ = asio::co_spawn(context_, server_->serve_forever(), asio::use_future);
        thread_ = std::thread([this] { context_.run(); });
        return *server_;
    }
    template <class Acceptors>
    FastAGIServer& serve(Acceptors acceptors, FastAGIServerOptions options = {}) {
        options.logger = log_.logger();
        return serve(std::make_unique<FastAGIServer>(std::move(acceptors), options, Threads::one));
    }
    void stop() {
        if (!thread_.joinable())
            return;
        server_->shutdown();
        thread_.join();
        served_.get();
    }
    TcpAcceptor tcp_acceptor() {
        return TcpAcceptor(context_, {asio::ip::make_address("127.0.0.1"), 0});
    }

    LogCapture log_{spdlog::level::debug};
    UnixPath path_;
    asio::io_context context_{1};
    std::unique_ptr<FastAGIServer> server_;
    std::future<void> served_;
    std::thread thread_;
};

TEST_F(GivenAcceptor, IsServed) {
    auto& server = serve(tcp_acceptor());
    TcpPeer call(server.port());
    call.call("x");
    EXPECT_EQ(call.answer_all(), "ANSWER\n");
    stop();
    EXPECT_EQ(server.counters().finished, 1U);
    EXPECT_TRUE(test::refuses(server.port()));
}

TEST_F(GivenAcceptor, MayBeOneOfSeveralOfEitherKind) {
    std::vector<FastAGIServer::Acceptor> acceptors;
    acceptors.push_back(tcp_acceptor());
    acceptors.push_back(LocalAcceptor(context_, path_.text()));
    auto& server = serve(std::move(acceptors));
    TcpPeer tcp(server.port());
    tcp.call("x");
    EXPECT_EQ(tcp.answer_all(), "ANSWER\n");
    const auto local = connect_unix(path_.text());
    local->call("x");
    EXPECT_EQ(local->answer_all(), "ANSWER\n");
    stop();
    EXPECT_TRUE(fs::exists(path_.text())) << "who made the file removes it";
}

/// As a service manager passes it on: open, bound, and shared.
TEST_F(GivenAcceptor, MayBeADescriptorThatIsShared) {
    auto opened = tcp_acceptor();
    const int passed = ::fcntl(opened.native_handle(), F_DUPFD_CLOEXEC, 0);
    auto& server = serve(
        FastAGIServer::Acceptor(context_, {AF_INET, IPPROTO_TCP}, passed), {.max_sessions = 1}
    );
    TcpPeer held(server.port());
    held.call("x");
    EXPECT_EQ(held.line(), "ANSWER");
    ASSERT_TRUE(eventually([&] { return server.counters().overloads == 1; }));
    TcpPeer waiting(server.port());
    waiting.call("x");
    finish(held);
    EXPECT_EQ(waiting.answer_all(), "ANSWER\n");
    stop();
    TcpPeer next(server.port());  // the next process to accept from it finds it as it was
    asio::io_context other;
    asio::ip::tcp::socket accepted(other);
    opened.accept(accepted);
    EXPECT_TRUE(accepted.is_open());
}

TEST_F(GivenAcceptor, NeedNotListenYet) {
    TcpAcceptor bound(context_, asio::ip::tcp::v4());
    bound.bind({asio::ip::make_address("127.0.0.1"), 0});
    auto& server = serve(std::move(bound));
    TcpPeer call(server.port());
    call.call("x");
    EXPECT_EQ(call.answer_all(), "ANSWER\n");
}

TEST_F(GivenAcceptor, MustBeOpen) {
    try {
        FastAGIServer(TcpAcceptor(context_), {});
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(
            std::string(error.what()), "cannot serve on the acceptor given: Bad file descriptor"
        );
    }
    std::vector<FastAGIServer::Acceptor> none;
    EXPECT_THROW(FastAGIServer(std::move(none), {}), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::agi
