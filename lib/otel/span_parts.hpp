// SPDX-License-Identifier: MIT
// What spans are made of: parents, attributes, errors.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>

#include <opentelemetry/nostd/string_view.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_startoptions.h>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::otel::detail {

inline opentelemetry::nostd::string_view view(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

/// The parent that a traceparent names, or that there is none. Not the span which is active on this
/// thread: many calls share it.
decltype(opentelemetry::trace::StartSpanOptions::parent) parent_of(std::string_view trace_parent);

/// The label of the handler of a call, as in metrics.
std::string_view route_of(const agi::ObservedCall& call) noexcept;

/// The file or application of a command; empty if it has none.
std::string_view object_of(const agi::SentCommand& command) noexcept;

/// Sets what is known of a call at its beginning.
void describe(opentelemetry::trace::Span& span, const agi::ObservedCall& call);

/// `type`: of few values.
void fail(opentelemetry::trace::Span& span, std::string_view type, std::string_view what);

}  // namespace costrix::inline COSTRIX_ABI::otel::detail
