// SPDX-License-Identifier: MIT
// Takes from a call what its spans tell of it.
#include "otel/span_parts.hpp"

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/trace_parent.hpp>
#include <costrix/agi/request.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <opentelemetry/context/context.h>
#include <opentelemetry/trace/propagation/http_trace_context.h>
#include <opentelemetry/trace/span_context.h>
#include <string>

namespace costrix::inline COSTRIX_ABI::otel::detail {

namespace trace = opentelemetry::trace;

namespace {

/// The commands whose arguments begin with a file or an application. Those of others may be what a
/// caller has entered.
constexpr std::array<std::string_view, 6>
    kShown{"CONTROL STREAM FILE", "EXEC", "GET DATA", "GET OPTION", "RECORD FILE", "STREAM FILE"};

}  // namespace

decltype(trace::StartSpanOptions::parent) parent_of(std::string_view trace_parent) {
    using Hex = trace::propagation::HttpTraceContext;
    const auto parsed = agi::parse_trace_parent(trace_parent);
    if (!parsed)
        return opentelemetry::context::Context(trace::kIsRootSpanKey, true);
    const trace::TraceFlags flags(
        parsed->sampled ? trace::TraceFlags::kIsSampled : std::uint8_t{0}
    );
    return trace::SpanContext(
        Hex::TraceIdFromHex(view(parsed->trace_id)),
        Hex::SpanIdFromHex(view(parsed->parent_id)),
        flags,
        true
    );
}

std::string_view route_of(const agi::ObservedCall& call) noexcept {
    if (call.busy)
        return "busy";
    return call.route.empty() ? "default" : call.route;
}

std::string_view object_of(const agi::SentCommand& command) noexcept {
    if (std::find(kShown.begin(), kShown.end(), command.name) == kShown.end())
        return {};
    auto text = command.line.substr(std::min(command.name.size() + 1, command.line.size()));
    if (text.starts_with('"'))
        text.remove_prefix(1);
    return text.substr(0, text.find_first_of("\" ,"));
}

void describe(trace::Span& span, const agi::ObservedCall& call) {
    const auto& environment = call.environment;
    const auto set = [&span](const char* name, std::string_view value) {
        if (!value.empty())
            span.SetAttribute(name, view(value));
    };
    set("costrix.route", route_of(call));
    set("costrix.unique_id", environment.unique_id());
    set("costrix.linked_id", call.request.kwargs.first("linkedid").value_or(""));
    set("costrix.channel", environment.channel());
    set("costrix.context", environment.context());
    set("costrix.extension", environment.extension());
    set("url.path", call.request.path);  // without the query, which may hold a secret
    if (const auto& peer = call.request.peer) {
        set("network.peer.address", peer->address().to_string());
        span.SetAttribute("network.peer.port", static_cast<std::int64_t>(peer->port()));
        set("network.transport", "tcp");
    }
}

void fail(trace::Span& span, std::string_view type, std::string_view what) {
    span.SetAttribute("error.type", view(type));
    span.SetStatus(trace::StatusCode::kError, view(what));
}

}  // namespace costrix::inline COSTRIX_ABI::otel::detail
