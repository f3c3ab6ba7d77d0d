// SPDX-License-Identifier: MIT
// What a collector, which is a process of its own, receives of a server's calls.
#include "support/child_process.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/otel/tracing.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace costrix {
namespace {

using nlohmann::json;
using test::ServerThread;
using test::TcpPeer;
namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk::trace;

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr std::string_view kParent = "00f067aa0ba902b7";
const std::string kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

asio::awaitable<void> asks_for_a_pin(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::GetData("enter-pin"));
}

asio::awaitable<void> reads_its_parent(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::GetVariable("TRACEPARENT"));
    co_await call.execute(agi::Answer());
}

asio::awaitable<void> fails(agi::AGI& call, const agi::Request&) {
    co_await call.send("NO SUCH COMMAND");
    throw std::runtime_error("the database is gone");
}

class Tracing : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(collector_.wait_for("\n"));
        otlp::OtlpHttpExporterOptions options;
        options.url = "http://127.0.0.1:" + std::to_string(port()) + "/v1/traces";
        options.content_type = otlp::HttpRequestContentType::kJson;
        provider_ = std::make_shared<sdk::TracerProvider>(sdk::BatchSpanProcessorFactory::Create(
            otlp::OtlpHttpExporterFactory::Create(options), sdk::BatchSpanProcessorOptions{}
        ));
        agi::FastAGIServerOptions server;
        server.port = 0;
        server.interface = "127.0.0.1";
        server.logger = log_.logger();
        server.observer = std::make_shared<otel::Tracing>(provider_->GetTracer("test"));
        server_.emplace(std::move(server));
        (*server_)->register_script_handler("pin$", asks_for_a_pin);
        (*server_)->register_script_handler("parent$", reads_its_parent);
        (*server_)->register_script_handler("fails$", fails);
        server_->start(2);
    }

    std::uint16_t port() const {
        return static_cast<std::uint16_t>(std::stoi(collector_.output()));
    }
    /// All spans of the calls so far, which have ended.
    json spans() {
        server_->stop();
        EXPECT_TRUE(provider_->ForceFlush());
        TcpPeer peer(port());
        peer.send("GET /spans HTTP/1.0\r\n\r\n");
        const auto response = peer.rest();
        return json::parse(response.substr(response.find("\r\n\r\n") + 4));
    }
    static json find(const json& spans, const std::string& name) {
        for (const auto& span : spans) {
            if (span.at("name") == name)
                return span;
        }
        ADD_FAILURE() << "no span " << name << " in " << spans.dump(2);
        return {};
    }
    static json attribute(const json& span, const std::string& name) {
        for (const auto& one : span.at("attributes")) {
            if (one.at("key") == name)
                return one.at("value").begin().value();
        }
        return nullptr;
    }

    test::LogCapture log_;
    test::ChildProcess collector_{{COSTRIX_COLLECTOR}};
    std::shared_ptr<sdk::TracerProvider> provider_;
    std::optional<ServerThread> server_;
};

TEST_F(Tracing, MakesASpanOfACallAndOneOfEachOfItsCommands) {
    TcpPeer peer(server_->port());
    peer.call("pin?traceparent=" + kTraceParent + "&key=secret-in-query");
    EXPECT_EQ(peer.line(), R"(GET DATA "enter-pin" 0 1023)");
    peer.send("200 result=987654321\n");
    EXPECT_EQ(peer.line(), "<eof>");
    const auto all = spans();
    ASSERT_EQ(all.size(), 2U) << all.dump(2);
    const auto call = find(all, "AGI pin$"), command = find(all, "GET DATA");
    EXPECT_EQ(call.at("traceId"), kTrace);
    EXPECT_EQ(call.at("parentSpanId"), kParent);
    EXPECT_EQ(command.at("traceId"), kTrace);
    EXPECT_EQ(command.at("parentSpanId"), call.at("spanId"));
    EXPECT_EQ(attribute(call, "costrix.unique_id"), "17.1");
    EXPECT_EQ(attribute(call, "costrix.end"), "returned");
    EXPECT_EQ(attribute(call, "url.path"), "pin");
    EXPECT_EQ(attribute(call, "network.peer.address"), "127.0.0.1");
    EXPECT_EQ(attribute(command, "costrix.command"), "GET DATA");
    EXPECT_EQ(attribute(command, "costrix.object"), "enter-pin");
    EXPECT_FALSE(call.value("status", json::object()).contains("code")) << call.dump(2);
    const auto time = [](const json& span, const char* which) {
        return std::stoull(span.at(which).get<std::string>());
    };
    EXPECT_LE(time(call, "startTimeUnixNano"), time(command, "startTimeUnixNano"));
    EXPECT_LE(time(command, "startTimeUnixNano"), time(command, "endTimeUnixNano"));
    for (const auto* secret : {"987654321", "secret-in-query"})  // what callers enter stays here
        EXPECT_EQ(all.dump().find(secret), std::string::npos);
}

TEST_F(Tracing, TakesItsParentFromAChannelVariable) {
    TcpPeer peer(server_->port());
    peer.call("parent");
    EXPECT_EQ(peer.line(), R"(GET VARIABLE "TRACEPARENT")");
    peer.send("200 result=1 (" + kTraceParent + ")\n");
    peer.answer_all();
    const auto all = spans();
    ASSERT_EQ(all.size(), 3U) << all.dump(2);
    const auto call = find(all, "AGI parent$");
    EXPECT_EQ(call.at("traceId"), kTrace);
    EXPECT_EQ(call.at("parentSpanId"), kParent);
    for (const auto* name : {"GET VARIABLE", "ANSWER"})
        EXPECT_EQ(find(all, name).at("parentSpanId"), call.at("spanId"));
}

TEST_F(Tracing, BeginsATraceWhereThereIsNoParent) {
    TcpPeer(server_->port()).call("pin?traceparent=nonsense");
    TcpPeer peer(server_->port());
    peer.call("parent");
    peer.answer_all();
    const auto all = spans();
    const auto call = find(all, "AGI parent$");
    EXPECT_EQ(call.value("parentSpanId", ""), "");
    EXPECT_EQ(find(all, "ANSWER").at("traceId"), call.at("traceId"));
    const auto cut = find(all, "AGI pin$");  // its connection was closed during GET DATA
    EXPECT_NE(cut.at("traceId"), call.at("traceId"));
    EXPECT_EQ(attribute(cut, "costrix.end"), "hung_up");
    EXPECT_EQ(attribute(find(all, "GET DATA"), "error.type"), "lost");
}

TEST_F(Tracing, SaysWhatWentWrong) {
    TcpPeer peer(server_->port());
    peer.call("fails");
    peer.answer_all("510 Invalid or unknown command\n");
    const auto all = spans();
    const auto call = find(all, "AGI fails$"), command = find(all, "other");
    constexpr int kError = 2;
    EXPECT_EQ(command.at("status").at("code"), kError) << command.dump(2);
    EXPECT_EQ(attribute(command, "error.type"), "510");
    EXPECT_EQ(call.at("status").at("code"), kError) << call.dump(2);
    EXPECT_NE(
        call.at("status").at("message").get<std::string>().find("database is gone"),
        std::string::npos
    );
    EXPECT_EQ(attribute(call, "error.type"), "handler");
    EXPECT_EQ(attribute(call, "costrix.end"), "failed");
}

TEST(TracingTest, NeedsATracer) {
    EXPECT_THROW(otel::Tracing{otel::Tracing::Tracer{}}, std::invalid_argument);
    EXPECT_NO_THROW(otel::Tracing());  // the global provider's, which is there without any set-up
}

}  // namespace
}  // namespace costrix
