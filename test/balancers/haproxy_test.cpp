// SPDX-License-Identifier: MIT
// Two servers behind a real HAProxy, with the configuration that docs/operations.md shows.
#include "backends/callers.hpp"
#include "backends/service.hpp"
#include "support/tcp_acceptor.hpp"
#include "support/unix_peer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace costrix {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::TcpPeer;
using namespace std::chrono_literals;

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// A port that nobody listens on.
std::uint16_t free_port() {
    return test::TcpAcceptor().port();
}

int number_of(const char* variable, int otherwise) {
    const char* value = std::getenv(variable);
    return value ? std::atoi(value) : otherwise;
}

/// The documented configuration with the ports of this test.
class Haproxy : public ::testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kHaproxy))
            GTEST_SKIP() << "SKIPPED: there is no " << kHaproxy;
        auto text = text_of(COSTRIX_TEST_DIR "/balancers/haproxy.cfg");
        replace(text, "maxconn 20000", "maxconn 2000");  // this process may have few descriptors
        replace(text, "bind :4573", "bind 127.0.0.1:" + std::to_string(port_));
        replace(text, "10.0.0.11:4573", "127.0.0.1:" + std::to_string(ports_[0]));
        replace(text, "10.0.0.12:4573", "127.0.0.1:" + std::to_string(ports_[1]));
        start(0, "a");
        start(1, "b");
        begin(text);
    }
    /// Runs HAProxy with this configuration.
    void begin(const std::string& text) {
        haproxy_.reset();
        std::ofstream(config_) << text;
        haproxy_ = std::make_unique<test::Service>(std::vector<std::string>{
            kHaproxy, "-db", "-f", config_});
        ASSERT_TRUE(eventually([&] { return test::accepts(port_); })) << haproxy_->output();
    }

    static void replace(std::string& text, const std::string& what, const std::string& with) {
        const auto at = text.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        text.replace(at, what.size(), with);
    }
    /// A server that gives its name as the result of a call.
    void start(int which, const std::string& name) {
        const auto port = std::to_string(ports_[which]);
        std::vector<std::string> command{"/usr/bin/env", "SERVICE_NAME=" + name};
        if (use_ops_)
            command.push_back("OPS_PORT=" + std::to_string(ops_ports_[which]));
        command.insert(command.end(), {COSTRIX_BIN_DIR "/service_program", port, "1", "127.0.0.1"});
        servers_[which] = std::make_unique<test::Service>(std::move(command));
        EXPECT_EQ(servers_[which]->port(), ports_[which]);
    }
    /// Restarts both again and again for that time, once at least, while callers call.
    void restart_in_turn(std::chrono::seconds least) {
        const auto begin = std::chrono::steady_clock::now();
        test::Callers callers(port_, "talk", "SERVED_BY");
        callers.start(number_of("COSTRIX_CALLERS", 50), true);
        const auto serves = [&](const std::string& name) {
            return eventually([&] { return callers.ended(name) > 10; });
        };
        EXPECT_TRUE(serves("a")) << callers.describe();
        EXPECT_TRUE(serves("b")) << callers.describe();
        auto took = 0s;
        int restarts = 0;
        while (restarts == 0 || took < least) {
            ++restarts;
            for (const int which : {0, 1}) {
                const auto name = (which == 0 ? "a" : "b") + std::to_string(restarts);
                restart(which, name);
                EXPECT_TRUE(serves(name)) << callers.describe();
            }
            took = std::chrono::duration_cast<std::chrono::seconds>(
                std::chrono::steady_clock::now() - begin
            );
        }
        callers.stop();
        EXPECT_EQ(callers.ended("none"), 0) << callers.describe();  // cut
        EXPECT_EQ(callers.ended("exception"), 0) << callers.describe();
        const auto seconds = static_cast<int>(took.count());
        std::printf(
            "%d calls in %d s, %d restarts of each server\n", callers.ended(), seconds, restarts
        );
    }
    /// Ends the server when its calls have ended, and starts another in its place.
    void restart(int which, const std::string& name) {
        servers_[which]->signal(SIGTERM);
        EXPECT_EQ(servers_[which]->wait(), 0) << servers_[which]->output();
        start(which, name);
    }

    const std::uint16_t port_ = free_port();
    const std::uint16_t ports_[2] = {free_port(), free_port()};
    const std::uint16_t ops_ports_[2] = {free_port(), free_port()};
    bool use_ops_ = false;
    const test::UnixPath folder_;
    const std::string config_ = folder_.folder() + "/haproxy.cfg";
    std::unique_ptr<test::Service> servers_[2];
    std::unique_ptr<test::Service> haproxy_;
};

TEST(HaproxyConfiguration, IsTheOneInTheDocumentation) {
    const auto shown = text_of(COSTRIX_TEST_DIR "/../docs/operations.md");
    const auto tested = text_of(COSTRIX_TEST_DIR "/balancers/haproxy.cfg");
    EXPECT_NE(shown.find("```haproxy\n" + tested + "```\n"), std::string::npos);
}

TEST_F(Haproxy, TellsTheServerWhoCalls) {
    TcpPeer peer(port_, "127.0.0.1", "127.0.0.5");
    peer.call("answer?as=me");
    EXPECT_EQ(peer.answer_all(), "NOOP \"me 127.0.0.5\"\n");
}

TEST_F(Haproxy, ChecksAServerWithoutALineInItsLog) {
    std::this_thread::sleep_for(3s);  // three checks
    for (const auto& server : servers_)
        EXPECT_EQ(server->output(), "listening on port " + std::to_string(server->port()) + "\n");
}

TEST_F(Haproxy, ReachesAServerByAUnixSocket) {
    const auto port = "127.0.0.1:" + std::to_string(ports_[0]);
    auto text = text_of(config_);
    replace(text, port, "unix@" + folder_.text());
    replace(text, "server b", "# server b");
    test::Service server({COSTRIX_BIN_DIR "/service_program", folder_.text(), "1", "unix"});
    EXPECT_EQ(server.port(), 0);
    begin(text);
    TcpPeer peer(port_, "127.0.0.1", "127.0.0.5");
    peer.call("answer?as=local");
    EXPECT_EQ(peer.answer_all(), "NOOP \"local 127.0.0.5\"\n");
}

/// With more callers and for longer: test/balancers/run --help.
TEST_F(Haproxy, LosesNoCallWhileItsServersAreRestartedInTurn) {
    restart_in_turn(std::chrono::seconds(number_of("COSTRIX_SECONDS", 0)));
}

#ifdef COSTRIX_HAS_OPS

TEST_F(Haproxy, MayAskForTheReadinessOfAServer) {
    auto text = text_of(config_);
    replace(text, "option tcp-check", "option httpchk GET /readyz");
    replace(text, "check-send-proxy", "");
    const auto check_at = [&](int which, std::uint16_t port) {
        const auto server = "127.0.0.1:" + std::to_string(ports_[which]);
        replace(text, server, server + " port " + std::to_string(port));
    };
    const auto with_both = [&] {
        check_at(0, ops_ports_[0]);
        check_at(1, ops_ports_[1]);
    };
    use_ops_ = true;
    restart(0, "a");
    restart(1, "b");
    const auto neither = text;
    check_at(0, free_port());  // "a" does not say that it is ready
    check_at(1, ops_ports_[1]);
    begin(text);
    const auto served_by_b = [&] {
        test::Callers callers(port_, "talk", "SERVED_BY");
        callers.start(10, false);
        callers.stop();
        return callers.ended("b") == 10;
    };
    EXPECT_TRUE(eventually(served_by_b));
    text = neither;
    with_both();
    begin(text);
    restart_in_turn(0s);
}

#endif

}  // namespace
}  // namespace costrix
