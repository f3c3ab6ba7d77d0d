// SPDX-License-Identifier: MIT
// A program that cannot serve says why, and ends with status 1.
#include "support/log_capture.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace costrix::agi {
namespace {

using test::LogCapture;

class RunServer : public ::testing::Test {
protected:
    static void nothing(FastAGIServer&) {}

    /// What it prints; it ends with status 1.
    std::string failure(
        FastAGIServerOptions options,
        const std::function<void(FastAGIServer&)>& set_up = nothing
    ) {
        options.logger = log_.logger();
        ::testing::internal::CaptureStderr();
        const int status = run_server(std::move(options), set_up);
        EXPECT_EQ(status, 1);
        return ::testing::internal::GetCapturedStderr();
    }

    LogCapture log_;
};

TEST_F(RunServer, EndsWell) {
    const auto set_up = [](FastAGIServer& server) { server.shutdown(); };
    EXPECT_EQ(run_server({.port = 0, .logger = log_.logger()}, set_up, 2), 0);
}

TEST_F(RunServer, NamesAPortThatIsInUse) {
    const FastAGIServer other({.interface = "127.0.0.1", .port = 0, .logger = log_.logger()});
    const auto port = other.port();
    EXPECT_EQ(
        failure({.interface = "127.0.0.1", .port = port}),
        "integration_tests: cannot listen on \"127.0.0.1\" port " + std::to_string(port) +
            ": Address already in use\n"
    );
}

TEST_F(RunServer, NamesAnInterfaceThatThereIsNot) {
    const auto said = failure({.interface = "no such interface", .port = 0});
    EXPECT_TRUE(
        said.starts_with("integration_tests: cannot listen on \"no such interface\" port 0: ")
    ) << said;
    const auto elsewhere = failure({.interface = "192.0.2.1", .port = 0});
    EXPECT_TRUE(elsewhere.starts_with("integration_tests: cannot listen on \"192.0.2.1\" port 0: "))
        << elsewhere;
}

TEST_F(RunServer, NamesAWrongPatternOrOption) {
    const auto said = failure({.port = 0}, [](FastAGIServer& server) {
        server.register_script_handler("menu(", nullptr);
    });
    EXPECT_NE(said.find("script pattern \"menu(\": "), std::string::npos) << said;
    const auto network = failure({.port = 0, .allow = {"10.0.0.0/33"}});
    EXPECT_NE(network.find("\"10.0.0.0/33\""), std::string::npos) << network;
}

TEST_F(RunServer, SaysWhatItsSetUpThrew) {
    struct NoStandardException {};
    const auto throws = [](FastAGIServer&) { throw std::runtime_error("no\ndatabase"); };
    EXPECT_EQ(failure({.port = 0}, throws), "integration_tests: no\\x0adatabase\n");
    const auto odd = [](FastAGIServer&) { throw NoStandardException(); };
    EXPECT_EQ(
        failure({.port = 0}, odd), "integration_tests: an exception that is not a std::exception\n"
    );
}

}  // namespace
}  // namespace costrix::agi
