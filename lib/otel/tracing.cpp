// SPDX-License-Identifier: MIT
// Tracing: makes the observer of each call.
#include "otel/call_spans.hpp"

#include <costrix/otel/tracing.hpp>

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::otel {

Tracing::Tracing(Tracer tracer) : tracer_(std::move(tracer)) {
    if (!tracer_)
        throw std::invalid_argument("otel::Tracing: no tracer");
}

std::unique_ptr<agi::CallObserver> Tracing::on_call(const agi::ObservedCall& call) {
    return std::make_unique<detail::CallSpans>(tracer_, call);
}

}  // namespace costrix::inline COSTRIX_ABI::otel
