// SPDX-License-Identifier: MIT
// The code block of docs/operations.md about traces.
#include <costrix/agi.hpp>
#include <costrix/otel/tracing.hpp>

#include <memory>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>

namespace agi = costrix::agi;
namespace otel = costrix::otel;
namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk::trace;

asio::awaitable<void> order(agi::AGI& call, const agi::Request& request);
void run_traced();

asio::awaitable<void> order(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

void run_traced() {
    auto exporter = otlp::OtlpHttpExporterFactory::Create();  // OTEL_EXPORTER_OTLP_ENDPOINT
    const auto provider = std::make_shared<sdk::TracerProvider>(
        sdk::BatchSpanProcessorFactory::Create(std::move(exporter), {})
    );
    const auto tracing = std::make_shared<otel::Tracing>(provider->GetTracer("orders"));
    agi::FastAGIServer server({.handle_signals = true, .observer = tracing});
    server.register_script_handler("order$", order);
    server.run();
    provider->Shutdown();  // sends what it has not sent yet
}
