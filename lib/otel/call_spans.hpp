// SPDX-License-Identifier: MIT
// The spans of one call: its own, and that of the command which is with Asterisk.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/otel/tracing.hpp>

#include <chrono>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_startoptions.h>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::otel::detail {

class CallSpans final : public agi::CallObserver {
public:
    CallSpans(Tracing::Tracer tracer, const agi::ObservedCall& call);
    /// Ends what on_end() has not: the call's io_context was destroyed.
    ~CallSpans() override;

    void on_command(const agi::SentCommand& command) override;
    void on_finished(const agi::FinishedCommand& command) override;
    void on_interruption(bool late) override;
    void on_hangup(bool before) override;
    void on_error(const agi::CallError& error) override;
    void on_end(const agi::EndedCall& end) override;

private:
    using Clock = std::chrono::steady_clock;
    using Span = opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span>;

    /// The call's span; begins it, with this parent or as a root, unless it has begun.
    opentelemetry::trace::Span& call_span(std::string_view trace_parent = {});
    /// Begins the span of the command that has been sent.
    void begin_command(std::string_view name, std::string_view object, Clock::time_point sent);

    const Tracing::Tracer tracer_;
    const agi::ObservedCall call_;
    Span span_;                 // of the call; null while its parent may still come
    Span command_;              // null unless one is with Asterisk
    bool commanded_ = false;    // there was a command
    bool asks_parent_ = false;  // the first command, which runs, reads TRACEPARENT
    Clock::time_point asked_;
};

}  // namespace costrix::inline COSTRIX_ABI::otel::detail
