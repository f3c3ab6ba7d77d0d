// SPDX-License-Identifier: MIT
// What each event of a call becomes in its trace.
#include "otel/call_spans.hpp"

#include "otel/span_parts.hpp"

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/reply.hpp>
#include <costrix/agi/request.hpp>

#include <cstdint>
#include <opentelemetry/common/timestamp.h>
#include <opentelemetry/trace/span_metadata.h>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::otel::detail {
namespace {

namespace trace = opentelemetry::trace;
using Clock = std::chrono::steady_clock;

/// The command with which a handler reads the parent of its call.
constexpr std::string_view kAsksParent = "GET VARIABLE \"TRACEPARENT\"";

trace::StartSpanOptions began(Clock::time_point time, trace::SpanKind kind) {
    trace::StartSpanOptions options;
    options.start_steady_time = opentelemetry::common::SteadyTimestamp(time);
    options.start_system_time = opentelemetry::common::SystemTimestamp(
        std::chrono::system_clock::now() - (Clock::now() - time)
    );
    options.kind = kind;
    return options;
}

trace::EndSpanOptions ended(Clock::time_point time) {
    trace::EndSpanOptions options;
    options.end_steady_time = opentelemetry::common::SteadyTimestamp(time);
    return options;
}

}  // namespace

CallSpans::CallSpans(Tracing::Tracer tracer, const agi::ObservedCall& call)
    : tracer_(std::move(tracer)), call_(call) {
    if (const auto parent = call.request.kwargs.first("traceparent"))
        call_span(*parent);
}

CallSpans::~CallSpans() {
    if (command_)
        command_->End();
    if (span_)
        span_->End();
}

trace::Span& CallSpans::call_span(std::string_view trace_parent) {
    if (span_)
        return *span_;
    auto options = began(call_.accepted, trace::SpanKind::kServer);
    options.parent = parent_of(trace_parent);
    const auto name = std::string("AGI ").append(route_of(call_));
    span_ = tracer_->StartSpan(view(name), options);
    describe(*span_, call_);
    return *span_;
}

void CallSpans::begin_command(
    std::string_view name,
    std::string_view object,
    Clock::time_point sent
) {
    auto options = began(sent, trace::SpanKind::kClient);
    options.parent = call_span().GetContext();
    command_ = tracer_->StartSpan(view(name), options);
    command_->SetAttribute("costrix.command", view(name));
    if (!object.empty())
        command_->SetAttribute("costrix.object", view(object));
}

void CallSpans::on_command(const agi::SentCommand& command) {
    asks_parent_ = !std::exchange(commanded_, true) && !span_ && command.line == kAsksParent;
    if (asks_parent_)
        asked_ = command.time;
    else
        begin_command(command.name, object_of(command), command.time);
}

void CallSpans::on_finished(const agi::FinishedCommand& command) {
    using How = agi::FinishedCommand::How;
    if (std::exchange(asks_parent_, false)) {
        call_span(command.reply.value().value_or(""));
        begin_command(command.name, "", asked_);
    }
    if (!command_)
        return;
    if (command.how == How::replied) {
        const auto code = command.reply.code();
        command_->SetAttribute("costrix.code", static_cast<std::int64_t>(code));
        if (code != 200)  // its text: what a result is, a caller may have entered
            fail(*command_, std::to_string(code), command.reply.text());
    } else if (command.how == How::lost) {
        fail(*command_, "lost", "the connection was closed before the reply");
    } else {
        command_->AddEvent("stopped");
    }
    command_->End(ended(command.time));
    command_ = {};
}

void CallSpans::on_interruption(bool late) {
    if (command_)
        command_->AddEvent(late ? "timed out" : "cancelled");
}

void CallSpans::on_hangup(bool before) {
    if (!before)
        call_span().AddEvent("hangup");
}

void CallSpans::on_error(const agi::CallError& error) {
    const auto kind = to_string(error.kind);
    call_span().AddEvent(
        error.error ? "exception" : view(kind),
        {{"exception.message", view(error.what)}, {"costrix.error", view(kind)}}
    );
    fail(call_span(), kind, error.what);
}

void CallSpans::on_end(const agi::EndedCall& end) {
    auto& span = call_span();
    span.SetAttribute("costrix.end", view(to_string(end.how)));
    span.SetAttribute("costrix.commands", static_cast<std::int64_t>(end.commands));
    if (command_)
        command_->End(ended(call_.accepted + end.took));
    command_ = {};
    span.End(ended(call_.accepted + end.took));
    span_ = {};
}

}  // namespace costrix::inline COSTRIX_ABI::otel::detail
