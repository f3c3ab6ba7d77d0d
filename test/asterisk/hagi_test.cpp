// SPDX-License-Identifier: MIT
// hagi:// with SRV records of a real dnsmasq: which server a call gets, and one restarted in turn.
#include "asterisk/ami_client.hpp"
#include "asterisk/asterisk_fixture.hpp"
#include "backends/service.hpp"
#include "support/tcp_acceptor.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace costrix {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kDnsmasq = "/usr/sbin/dnsmasq";
constexpr const char* kNameServer = "127.0.0.99";

/// A port that nobody listens on.
std::uint16_t free_port() {
    return test::TcpAcceptor().port();
}

/// Asterisk's /etc/resolv.conf, for as long as this lives.
class NameServer {
public:
    explicit NameServer(fs::path file) : file_(std::move(file)) {
        std::ostringstream text;
        text << std::ifstream(file_).rdbuf();
        before_ = text.str();
        std::ofstream(file_) << "nameserver " << kNameServer << '\n';
    }
    ~NameServer() { std::ofstream(file_) << before_; }
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

private:
    fs::path file_;
    std::string before_;
};

class Hagi : public ::testing::Test {
protected:
    void SetUp() override {
        const char* root = std::getenv("COSTRIX_ASTERISK");
        const auto file = fs::path(root ? root : "/var/tmp/costrix-asterisk") / "etc/resolv.conf";
        if (!fs::exists(kDnsmasq) || !fs::exists(file) || geteuid() != 0)
            GTEST_SKIP() << "SKIPPED: hagi:// needs " << kDnsmasq << ", root, and " << file;
        resolver_.emplace(file);
        std::vector<std::string> command{
            kDnsmasq,
            "--keep-in-foreground",
            "--no-resolv",
            "--no-hosts",
            "--conf-file=/dev/null",
            "--bind-interfaces",
            std::string("--listen-address=") + kNameServer,
            "--address=/agi.test/127.0.0.1",
            "--log-facility=-"};
        for (const int which : {0, 1}) {
            command.push_back(
                "--srv-host=_agi._tcp.agi.test," + std::string(which == 0 ? "a" : "b") +
                ".agi.test," + std::to_string(ports_[which]) + ",10,50"
            );
        }
        names_.emplace(command);
        ASSERT_TRUE(names_->wait_for("started")) << names_->output();
        start(0, "a");
        start(1, "b");
    }

    void start(int which, const std::string& name) {
        const auto port = std::to_string(ports_[which]);
        servers_[which] = std::make_unique<test::Service>(std::vector<std::string>{
            "/usr/bin/env", "SERVICE_NAME=" + name, COSTRIX_BIN_DIR "/service_program", port});
        EXPECT_EQ(servers_[which]->port(), ports_[which]);
    }
    static test::CallPlan plan() {
        test::CallPlan plan;
        plan.url = "hagi://agi.test/talk";
        plan.report = "${SERVED_BY}";
        return plan;
    }

    const std::uint16_t ports_[2] = {free_port(), free_port()};
    std::optional<NameServer> resolver_;
    std::optional<test::ChildProcess> names_;
    std::unique_ptr<test::Service> servers_[2];
    test::AmiClient asterisk_{test::port_of("AMI_PORT", 5038)};
};

TEST_F(Hagi, GoesToTheNextServerWhenOneRefuses) {
    for (const int which : {0, 1}) {
        const std::string name = which == 0 ? "a" : "b", other = which == 0 ? "b" : "a";
        servers_[which]->signal(SIGTERM);
        EXPECT_EQ(servers_[which]->wait(), 0);
        for (const auto& call : asterisk_.place(plan(), 5, 5, 60s)) {
            EXPECT_EQ(call.agistatus, "SUCCESS");
            EXPECT_EQ(call.report, other);
        }
        start(which, name);
    }
}

/// More calls: COSTRIX_CALLS, of which as many as COSTRIX_CALLERS go on at once.
TEST_F(Hagi, LosesNoCallWhileItsServersAreRestartedInTurn) {
    const auto number_of = [](const char* variable, std::size_t otherwise) {
        const char* value = std::getenv(variable);
        return value ? static_cast<std::size_t>(std::atoi(value)) : otherwise;
    };
    const auto number = number_of("COSTRIX_CALLS", 100);
    const auto at_once = number_of("COSTRIX_CALLERS", 20);
    auto calls = std::async(std::launch::async, [&] {
        return asterisk_.place(plan(), number, at_once, 120s);
    });
    int restarts = 0;
    do {
        ++restarts;
        for (const int which : {0, 1}) {
            servers_[which]->signal(SIGTERM);
            EXPECT_EQ(servers_[which]->wait(), 0);
            start(which, (which == 0 ? "a" : "b") + std::to_string(restarts));
            // A call that this one has just refused must reach the other.
            calls.wait_for(1s);
        }
    } while (calls.wait_for(0s) != std::future_status::ready);
    std::map<std::string, int> served;
    for (const auto& call : calls.get()) {
        EXPECT_EQ(call.agistatus, "SUCCESS");
        ++served[call.report];
    }
    EXPECT_EQ(served[""], 0);  // cut
    EXPECT_GE(served.size(), 3U);
    std::printf("%zu calls, %d restarts of each server\n", number, restarts);
}

}  // namespace
}  // namespace costrix
