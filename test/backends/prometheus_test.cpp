// SPDX-License-Identifier: MIT
// The sample observed with a real Prometheus, and with its promtool.
#include "backends/service.hpp"
#include "ops/endpoint_fixture.hpp"
#include "support/tcp_acceptor.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace costrix {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::http_get;

class Prometheus : public ::testing::Test {
protected:
    void SetUp() override {
        for (const auto* program : {"/usr/bin/prometheus", "/usr/bin/promtool"}) {
            if (!fs::exists(program))
                GTEST_SKIP() << "SKIPPED: " << program
                             << " is not installed: test/backends/run installs it";
        }
        auto pattern = (fs::temp_directory_path() / "costrix-prometheus-XXXXXX").string();
        ASSERT_TRUE(mkdtemp(pattern.data()));
        folder_ = pattern;
    }
    ~Prometheus() override {
        service_.signal(SIGKILL);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    /// So many calls at once, each to its end.
    void place_calls(int number) {
        std::vector<std::thread> callers;
        for (int i = 0; i < number; ++i) {
            callers.emplace_back([port = service_.port()] {
                test::TcpPeer peer(port);
                peer.call("order");
                peer.answer_all();
            });
        }
        for (auto& caller : callers)
            caller.join();
    }
    /// What promtool says, with its exit status.
    static std::pair<int, std::string> promtool(const std::string& arguments) {
        test::ChildProcess program({"/bin/sh", "-c", "exec promtool " + arguments});
        const int status = program.wait();
        return {status, program.output()};
    }
    /// Prometheus' file of the samples, with another port.
    std::string configuration() const {
        std::ostringstream text;
        text << std::ifstream(COSTRIX_SAMPLES "/prometheus/prometheus.yml").rdbuf();
        auto config = std::regex_replace(
            text.str(), std::regex("127.0.0.1:9573"), "127.0.0.1:" + std::to_string(page_port_)
        );
        config =
            std::regex_replace(config, std::regex("scrape_interval: 15s"), "scrape_interval: 1s");
        fs::copy_file(COSTRIX_SAMPLES "/prometheus/alerts.yml", folder_ / "alerts.yml");
        std::ofstream(folder_ / "prometheus.yml") << config;
        return (folder_ / "prometheus.yml").string();
    }

    test::Service service_{{COSTRIX_BIN_DIR "/observed", "0", "0"}};
    std::uint16_t page_port_ = service_.number_behind("page on port ");
    fs::path folder_;
};

TEST_F(Prometheus, AcceptsThePageWithoutAComplaint) {
    place_calls(3);
    const auto response = http_get(page_port_, "/metrics");
    std::ofstream(folder_ / "page") << response.substr(response.find("\r\n\r\n") + 4);
    const auto [status, said] = promtool("check metrics <" + (folder_ / "page").string());
    EXPECT_EQ(status, 0) << said;
    EXPECT_EQ(said, "");
}

TEST_F(Prometheus, AcceptsTheFilesOfTheSamples) {
    const auto [status, said] = promtool("check config " + configuration());
    EXPECT_EQ(status, 0) << said;
    EXPECT_NE(said.find("8 rules found"), std::string::npos) << said;
}

TEST_F(Prometheus, ScrapesTheEndpoint) {
    place_calls(3);
    std::uint16_t port = test::TcpAcceptor().port();  // free a moment ago
    const test::Service prometheus(
        {"/usr/bin/prometheus",
         "--config.file=" + configuration(),
         "--storage.tsdb.path=" + (folder_ / "data").string(),
         "--web.listen-address=127.0.0.1:" + std::to_string(port)}
    );
    const auto query = [&](const std::string& expression) -> std::string {
        try {
            return http_get(port, "/api/v1/query?query=" + expression, "Connection: close\r\n");
        } catch (const std::system_error&) {
            return "";  // it has not begun yet
        }
    };
    const auto gives = [&](const std::string& expression, const std::string& value) {
        const auto given = [&] {
            return query(expression).find("\"" + value + "\"]}]") != std::string::npos;
        };
        // It looks for its targets every five seconds, and for changes of them as often.
        return eventually(given) || eventually(given) || eventually(given);
    };
    EXPECT_TRUE(gives("up", "1")) << prometheus.output();
    EXPECT_TRUE(gives("costrix_connections_total", "3")) << query("costrix_connections_total");
    EXPECT_TRUE(gives("sum(costrix_turn_around_seconds_count)", "12"))
        << query("costrix_turn_around_seconds_count");
}

}  // namespace
}  // namespace costrix
