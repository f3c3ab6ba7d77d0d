// SPDX-License-Identifier: MIT
// serve_call() over TLS: Asterisk has no TLS for AGI, so stunnel is its side.
#include "asterisk/asterisk_fixture.hpp"
#include "support/child_process.hpp"
#include "support/tls_context.hpp"

#include <costrix/agi/serve_call.hpp>
#include <costrix/asio.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>

namespace costrix::agi {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
using Stream = asio::ssl::stream<tcp::socket>;

const tcp::endpoint kAnyPort(asio::ip::address_v4::loopback(), 0);

std::uint16_t free_port() {
    asio::io_context context;
    return tcp::acceptor(context, kAnyPort).local_endpoint().port();
}

/// A tunnel from one port to another, with TLS towards the second.
class Stunnel {
public:
    Stunnel(std::uint16_t from, std::uint16_t to) : port_(from) {
        std::ofstream(file_) << "foreground = yes\npid =\n[agi]\nclient = yes\naccept = 127.0.0.1:"
                             << from << "\nconnect = 127.0.0.1:" << to << '\n';
        process_.emplace(std::vector<std::string>{"/usr/bin/stunnel", file_});
    }
    ~Stunnel() { std::remove(file_.c_str()); }

    bool ready() { return process_->wait_for("Configuration successful"); }
    const std::string& output() const { return process_->output(); }
    std::uint16_t port() const noexcept { return port_; }

private:
    std::uint16_t port_;
    std::string file_ = ::testing::TempDir() + "costrix-stunnel-" + std::to_string(port_);
    std::optional<test::ChildProcess> process_;
};

asio::awaitable<CallResult> serve_one(tcp::acceptor& acceptor, const Router& router) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    Stream stream(std::move(socket), test::server_context());
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    co_return co_await serve_call(std::move(stream), router);
}

using TlsCallTest = test::AsteriskTest;

TEST_F(TlsCallTest, CarriesACallOfAsterisks) {
    if (!std::filesystem::exists("/usr/bin/stunnel"))
        GTEST_SKIP() << "SKIPPED: stunnel is not installed: test/run --asterisk installs it";
    asio::io_context context(1);
    tcp::acceptor acceptor(context, kAnyPort);
    Stunnel tunnel(free_port(), acceptor.local_endpoint().port());
    ASSERT_TRUE(tunnel.ready()) << tunnel.output();
    Router router;
    std::string long_value(3000, 'x'), heard;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        co_await call.execute(StreamFile("silence/1"));
        for (int i = 0; i < 100; ++i)
            co_await call.execute(SetVariable("TLS" + std::to_string(i), long_value));
        heard = (co_await call.execute(GetFullVariable("${TLS99}"))).value_or("");
    };
    router.register_script_handler("test", flow);
    auto ended = asio::co_spawn(context, serve_one(acceptor, router), asio::use_future);
    std::thread thread([&context] { context.run(); });
    auto call = plan();
    call.port = tunnel.port();
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    const auto result = ended.get();
    thread.join();
    EXPECT_EQ(result.how, CallOutcome::returned);
    EXPECT_EQ(result.commands, 103U);
    EXPECT_EQ(heard, long_value);
}

}  // namespace
}  // namespace costrix::agi
