// SPDX-License-Identifier: MIT
// The live page of costrix::ops in a real browser, a headless Chromium.
#include "backends/browser.hpp"
#include "ops/endpoint_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <boost/beast/core/detail/base64.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace costrix {
namespace {

using test::Browser;
using test::eventually;
using test::TcpPeer;
using namespace std::chrono_literals;

/// Waits for what an operator must find out: itself, or Asterisk.
asio::awaitable<void> order(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    auto number = co_await call.execute(agi::GetData("enter-order-number"));
    if (number.digits == "1")
        throw std::runtime_error("orders: connection to 192.0.2.10 refused");
    co_await call.sleep_for(10min);
    co_await call.execute(agi::Hangup());
}
asio::awaitable<void> support(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::StreamFile("custom/welcome"));
    co_await call.execute(agi::Exec("Queue", "sales"));
}

std::string digits_of(int number) {
    return "555" + std::to_string(10000 + number);
}

class LivePage : public test::EndpointFixture {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(Browser::kProgram))
            GTEST_SKIP() << "SKIPPED: Chromium is not installed: test/backends/run installs it";
    }
    ~LivePage() override {
        callers_.clear();
        browser_.reset();
    }
    void open(std::size_t max_sessions = 6000) {
        agi::FastAGIServerOptions options;
        options.max_sessions = max_sessions;
        options.after_hangup_timeout = 100ms;
        options.channel_check_interval = std::nullopt;
        serve(std::move(options));
        (*server_)->register_script_handler("order$", order);
        (*server_)->register_script_handler("support/(?<queue>\\w+)", support);
        browser_.emplace("http://127.0.0.1:" + std::to_string(endpoint_->port()) + "/");
    }
    /// A caller who is at one of the commands of a handler, or waits for it, by their number.
    void call(int number, const std::string& name = "Alice") {
        const bool orders = number % 9 == 0;
        const auto id = std::to_string(1795800000 + number) + "." + std::to_string(number);
        auto peer = std::make_unique<TcpPeer>(server_->port());
        peer->send(
            "agi_network: yes\nagi_network_script: " +
            std::string(orders ? "order" : "support/sales") + "\nagi_channel: PJSIP/trunk-" +
            std::to_string(number) + "\nagi_uniqueid: " + id + "\nagi_version: 22.10.1\n" +
            "agi_callerid: " + digits_of(number) + "\nagi_calleridname: " + name + "\n\n"
        );
        for (int answered = 0; answered < (orders ? 2 : number % 3); ++answered) {
            peer->line();
            peer->send(answered == 1 && orders ? "200 result=4711\n" : "200 result=0\n");
        }
        if (!orders)
            peer->line();
        callers_.push_back(std::move(peer));
    }
    /// One that is refused, and one whose handler fails.
    void place_bad_calls() {
        TcpPeer refused(server_->port()), failing(server_->port());
        refused.call("old-menu");
        EXPECT_EQ(refused.line(), "<eof>");
        failing.call("order");
        failing.answer_all("200 result=1\n");
    }
    std::string text(const std::string& id) {
        const auto found = browser_->evaluate("document.getElementById('" + id + "').innerText");
        return found.is_string() ? found.get<std::string>() : "";
    }
    bool shows(const std::string& id, const std::string& part) {
        return text(id).find(part) != std::string::npos;
    }
    /// Waits until the page shows this; what it shows instead, if it does not.
    ::testing::AssertionResult comes(const std::string& id, const std::string& part) {
        if (eventually([&] { return shows(id, part); }))
            return ::testing::AssertionSuccess();
        return ::testing::AssertionFailure() << "\"" << part << "\" is not in: " << text(id);
    }
    int rows() {
        return browser_->evaluate("document.querySelectorAll('#calls tr').length").get<int>();
    }
    /// For the documents: test/backends/screenshots sets the folder.
    void screenshot(const std::string& name, int width, int height, bool dark) {
        const auto* folder = std::getenv("COSTRIX_SCREENSHOTS");
        if (!folder)
            return;
        using Json = nlohmann::json;
        browser_->command(
            "Emulation.setDeviceMetricsOverride",
            {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}}
        );
        const Json scheme{{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}};
        browser_->command("Emulation.setEmulatedMedia", {{"features", Json::array({scheme})}});
        browser_->command("Emulation.setScrollbarsHidden", {{"hidden", true}});
        const auto picture = browser_->command("Page.captureScreenshot", {{"format", "png"}});
        const auto encoded = picture.at("data").get<std::string>();
        std::string bytes(boost::beast::detail::base64::decoded_size(encoded.size()), '\0');
        bytes.resize(
            boost::beast::detail::base64::decode(bytes.data(), encoded.data(), encoded.size()).first
        );
        std::ofstream(std::string(folder) + "/" + name + ".png", std::ios::binary) << bytes;
    }

    std::optional<Browser> browser_;
    std::vector<std::unique_ptr<TcpPeer>> callers_;
};

TEST_F(LivePage, ShowsAnIdleServer) {
    open();
    EXPECT_TRUE(comes("state", "accepting"));
    EXPECT_TRUE(comes("listed", "none"));
    EXPECT_EQ(rows(), 0);
    EXPECT_TRUE(comes("refusals", "none so far"));
    EXPECT_TRUE(comes("tiles", "Calls now\n0"));
    EXPECT_EQ(browser_->errors(), "");
    screenshot("ops_idle", 1280, 720, false);
}

TEST_F(LivePage, ShowsWhatEachCallWaitsFor) {
    open();
    for (int number = 1; number <= 9; ++number)
        call(number);
    call(10, "<script>document.title = 'taken'</script><b id=bob>Bob</b>");
    EXPECT_TRUE(comes("tiles", "Calls now\n10"));
    EXPECT_TRUE(eventually([&] { return rows() == 10; }));
    // The one that waits for its script is the first, and becomes conspicuous.
    const auto first = [&] {
        return browser_->evaluate("document.querySelector('#calls tr').innerText").dump();
    };
    EXPECT_TRUE(eventually([&] {
        return first().find(digits_of(9)) != std::string::npos &&
               first().find("after GET DATA enter-order-num") != std::string::npos;
    })) << first();
    EXPECT_TRUE(eventually([&] {
        return browser_->evaluate("document.querySelector('#calls tr').className") == "script bad";
    }));
    EXPECT_TRUE(comes("calls", "STREAM FILE custom/welcome"));
    EXPECT_TRUE(comes("calls", "EXEC Queue"));
    EXPECT_TRUE(comes("calls", "<b id=bob>Bob</b> <" + digits_of(10) + ">"));
    EXPECT_EQ(browser_->evaluate("document.getElementById('bob') === null"), true);
    EXPECT_TRUE(shows("turns", "commands"));

    place_bad_calls();
    EXPECT_TRUE(comes("refusals", "no handler for the path"));
    EXPECT_TRUE(comes("events", "old-menu"));
    EXPECT_TRUE(comes("events", "orders: connection to 192.0.2.10 refused"));
    EXPECT_TRUE(comes("ends", "the handler failed"));
    EXPECT_EQ(browser_->errors(), "");
    screenshot("ops_telephone", 390, 844, true);

    (*server_)->shutdown();
    EXPECT_TRUE(comes("state", "draining"));
    EXPECT_TRUE(comes("drain", "10 of 10 calls go on"));
    callers_.pop_back();
    EXPECT_TRUE(comes("drain", "9 of 10 calls go on"));
    EXPECT_EQ(browser_->errors(), "");
}

TEST_F(LivePage, TellsThatTheServerIsFullAndThatItIsGone) {
    open(2);
    call(1);
    call(2);
    EXPECT_TRUE(comes("state", "full"));
    EXPECT_TRUE(comes("events", "it accepts no new calls"));
    endpoint_.reset();
    EXPECT_TRUE(comes("state", "no connection"));
}

TEST_F(LivePage, KeepsUpWithFiveThousandCalls) {
    constexpr rlim_t kNeeded = 10'500;  // both ends of each call
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < kNeeded)
        GTEST_SKIP() << "SKIPPED: 10,500 open files are needed, and allowed are " << limit.rlim_max;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    open();
    for (int number = 1; number <= 5000; ++number)
        call(number);
    EXPECT_TRUE(comes("tiles", "Calls now\n5,000"));
    EXPECT_TRUE(comes("listed", "100 of 5,000"));
    EXPECT_EQ(rows(), 100);
    EXPECT_TRUE(comes("tiles", "Wait for the script\n555"));
    browser_->evaluate("document.getElementById('filter').value = '" + digits_of(4711) + "'");
    EXPECT_TRUE(eventually([&] { return rows() == 1; }));
    EXPECT_TRUE(shows("calls", digits_of(4711)));
    browser_->evaluate("document.getElementById('filter').value = ''");
    EXPECT_TRUE(eventually([&] { return rows() == 100; }));
    place_bad_calls();
    EXPECT_TRUE(comes("events", "old-menu"));
    EXPECT_EQ(browser_->errors(), "");
    screenshot("ops_5000", 1280, 900, false);

    const auto cpu = [] {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    };
    const auto uptime = [&] { return browser_->evaluate("last.uptime").get<double>(); };
    const auto before = cpu(), began = uptime();
    std::this_thread::sleep_for(5s);  // what is measured
    const double share = (cpu() - before) / (uptime() - began);
    RecordProperty("cpu_percent", std::to_string(100 * share));
    std::cout << "one update a second with 5,000 calls: " << 100 * share << " % of a core\n";
}

}  // namespace
}  // namespace costrix
