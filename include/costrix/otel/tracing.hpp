// SPDX-License-Identifier: MIT
// Tracing: the observer that makes an OpenTelemetry span of each call and of each command.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>

#include <memory>
#include <opentelemetry/nostd/shared_ptr.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/tracer.h>

namespace costrix::inline COSTRIX_ABI::otel {

/// Traces the calls of servers and scripts: set it as Options::observer.
///
/// A call is a span of kind SERVER, and each of its commands a child of kind CLIENT. The call's
/// parent is the span that a W3C `traceparent` names: in the query of the AGI URL
/// (`agi://host/menu?traceparent=${TRACEPARENT}`), or in the channel variable TRACEPARENT, if the
/// handler's first command is GetVariable("TRACEPARENT"). Without one, a call begins a trace.
///
/// What a span of a command has of its arguments is the name of a file or an application: the rest
/// may be what a caller has entered. docs/operations.md lists names and attributes.
///
/// Thread safety: all functions may be called from any thread, as those of a Tracer.
class Tracing final : public agi::Observer {
public:
    /// A tracer of opentelemetry-cpp.
    using Tracer = opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer>;

    /// With a tracer of the global TracerProvider, which must be set by now.
    ///
    /// Inline: behind a shared library, the global one may be another.
    Tracing()
        : Tracing(opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("costrix")) {}
    /// With this one. Throws std::invalid_argument if it is null.
    explicit Tracing(Tracer tracer);

    std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall& call) override;

private:
    Tracer tracer_;
};

}  // namespace costrix::inline COSTRIX_ABI::otel
