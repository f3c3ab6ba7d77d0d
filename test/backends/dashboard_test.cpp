// SPDX-License-Identifier: MIT
// The sample dashboard with a real browser, a headless Chromium.
#include "backends/browser.hpp"
#include "backends/service.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace costrix {
namespace {

using test::Browser;
using test::eventually;
using namespace std::chrono_literals;
namespace http = boost::beast::http;

class Dashboard : public ::testing::Test {
protected:
    ~Dashboard() override {
        service_.signal(SIGKILL);  // ends the calls that are left
        work_.reset();
        thread_.join();
    }
    /// A call that goes on until somebody ends it.
    std::future<testing::FakeAsterisk> call(const std::string& number, const std::string& name) {
        testing::Scenario caller("music");
        caller.caller_number(number).caller_name(name).any_sound(1min).answer_delay({});
        caller.location("internal", "500").without_events();
        return asio::co_spawn(context_, testing::place_call(caller, port_), asio::use_future);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(page_port_) + "/"; }

    /// Whether the page shows so many calls, in its table and in its title.
    static bool shows(Browser& browser, int calls) {
        return browser.evaluate("document.querySelectorAll('#calls tr').length") == calls &&
               browser.evaluate("document.getElementById('state').textContent") ==
                   std::to_string(calls);
    }
    /// Presses a button in the row of a caller.
    static void press(Browser& browser, const std::string& caller, const std::string& button) {
        browser.evaluate(
            "[...[...document.querySelectorAll('#calls tr')]"
            ".find(row => row.textContent.includes('" +
            caller + "')).querySelectorAll('button')].find(button => button.textContent == '" +
            button + "').click()"
        );
    }
    /// The status of the reply to a request with these fields.
    http::status ask(const std::string& host, const std::string& origin, bool upgrade) {
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket(context);
        socket.connect({boost::asio::ip::address_v4::loopback(), page_port_});
        http::request<http::empty_body> request(http::verb::get, upgrade ? "/calls" : "/", 11);
        request.set(http::field::host, host);
        if (upgrade) {
            request.set(http::field::origin, origin);
            request.set(http::field::connection, "upgrade");
            request.set(http::field::upgrade, "websocket");
            request.set(http::field::sec_websocket_version, "13");
            request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
        }
        http::write(socket, request);
        boost::beast::flat_buffer buffer;
        http::response_parser<http::string_body> response;
        http::read_header(socket, buffer, response);
        return response.get().result();
    }

    test::Service service_{{COSTRIX_BIN_DIR "/dashboard", "0", "0"}};
    std::uint16_t port_ = service_.port();
    std::uint16_t page_port_ = service_.number_behind("page on port ");
    asio::io_context context_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
        context_.get_executor()};
    std::thread thread_{[this] { context_.run(); }};
};

class DashboardInBrowser : public Dashboard {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(Browser::kProgram))
            GTEST_SKIP() << "SKIPPED: Chromium is not installed: test/backends/run installs it";
        browser_.emplace(url());
    }

    std::optional<Browser> browser_;
};

TEST_F(DashboardInBrowser, ShowsTheCallsAndHangsOneUp) {
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 0); }));
    auto alice = call("5551234", "Alice"), bob = call("5554321", "<b id=bob>Bob</b>");
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 2); }));
    const auto text = browser_->evaluate("document.getElementById('calls').innerText").dump();
    EXPECT_NE(text.find("Alice <5551234>"), std::string::npos) << text;
    EXPECT_NE(text.find("<b id=bob>Bob</b> <5554321>"), std::string::npos) << text;
    EXPECT_EQ(browser_->evaluate("document.getElementById('bob') === null"), true);

    press(*browser_, "5551234", "Hang up");
    ASSERT_EQ(alice.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(alice.get().agistatus(), "HANGUP");
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 1); }));
    EXPECT_EQ(bob.wait_for(0s), std::future_status::timeout);
}

TEST_F(DashboardInBrowser, RedirectsACall) {
    auto alice = call("5551234", "Alice");
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 1); }));
    browser_->evaluate("document.getElementById('extension').value = '*97'");
    press(*browser_, "5551234", "Redirect");
    ASSERT_EQ(alice.wait_for(10s), std::future_status::ready);
    const auto asterisk = alice.get();
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
    EXPECT_EQ(asterisk.continues_at(), "internal *97 1");
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 0); }));
}

TEST_F(DashboardInBrowser, KeepsUpWithManyCalls) {
    std::vector<std::future<testing::FakeAsterisk>> calls;
    for (int i = 0; i < 300; ++i)
        calls.push_back(call(std::to_string(5550000 + i), "Alice"));
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 300); }));
    browser_->evaluate("document.querySelectorAll('#calls button:first-child')"
                       ".forEach(button => button.click())");
    for (auto& one : calls) {
        ASSERT_EQ(one.wait_for(10s), std::future_status::ready);
        EXPECT_EQ(one.get().agistatus(), "HANGUP");
    }
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 0); }));
}

TEST_F(DashboardInBrowser, EndsWithThePageOpen) {
    EXPECT_TRUE(eventually([&] { return shows(*browser_, 0); }));
    service_.signal(SIGTERM);
    EXPECT_LT(test::time_of([&] { EXPECT_EQ(service_.wait(), 0) << service_.output(); }), 5s);
    EXPECT_TRUE(eventually([&] {
        return browser_->evaluate("document.getElementById('state').textContent") == "disconnected";
    }));
}

TEST_F(Dashboard, RefusesOtherSitesPages) {
    const auto here = "127.0.0.1:" + std::to_string(page_port_);
    EXPECT_EQ(ask(here, "", false), http::status::ok);
    EXPECT_EQ(ask("evil.example", "", false), http::status::forbidden);  // DNS rebinding
    EXPECT_EQ(ask(here, "http://" + here, true), http::status::switching_protocols);
    EXPECT_EQ(ask(here, "http://evil.example", true), http::status::forbidden);
    EXPECT_EQ(ask(here, "", true), http::status::forbidden);
}

TEST_F(Dashboard, ClosesTheConnectionOfABrowserThatSendsNonsense) {
    const auto here = "127.0.0.1:" + std::to_string(page_port_);
    for (const std::string nonsense :
         {"nonsense", "[]", R"({"call": "one"})", R"({"call": 1, "redirect": 7})"}) {
        boost::asio::io_context context;
        boost::beast::websocket::stream<boost::asio::ip::tcp::socket> socket(context);
        socket.next_layer().connect({boost::asio::ip::address_v4::loopback(), page_port_});
        socket.set_option(boost::beast::websocket::stream_base::decorator([&](auto& request) {
            request.set(http::field::origin, "http://" + here);
        }));
        socket.handshake(here, "/calls");
        boost::beast::flat_buffer list;
        socket.read(list);
        EXPECT_EQ(boost::beast::buffers_to_string(list.data()), "[]");
        socket.write(boost::asio::buffer(nonsense));
        boost::system::error_code error;
        socket.read(list, error);
        EXPECT_TRUE(error) << nonsense;
    }
    EXPECT_EQ(ask(here, "", false), http::status::ok);
}

}  // namespace
}  // namespace costrix
