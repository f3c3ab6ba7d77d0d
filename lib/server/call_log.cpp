// SPDX-License-Identifier: MIT
// What a server counts, logs and reports: every counter, level and wording.
#include "server/call_log.hpp"

#include "protocol/log_text.hpp"

#include <costrix/agi/protocol/trace_parent.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using Sums = ServerCounters;
namespace level = spdlog::level;

Counter counter_of(Fault fault) noexcept {
    constexpr struct {
        Fault fault;
        Counter counter;
    } kCounters[] = {
        {Fault::silent, &Sums::health_probes},
        {Fault::environment_cut, &Sums::environment_cut},
        {Fault::environment_late, &Sums::environment_timeouts},
        {Fault::environment_too_long, &Sums::environment_too_long},
        {Fault::environment_forged, &Sums::environment_forged},
        {Fault::not_agi, &Sums::not_agi},
        {Fault::proxy_header, &Sums::proxy_errors},
        {Fault::unexpected_proxy_header, &Sums::proxy_errors},
        {Fault::reply_too_long, &Sums::reply_too_long},
        {Fault::not_a_reply, &Sums::not_a_reply},
        {Fault::not_reading, &Sums::write_backlog_exceeded},
        {Fault::vanished, &Sums::peer_timeouts},
        {Fault::session_too_long, &Sums::session_timeouts},
        {Fault::late_after_hangup, &Sums::after_hangup_timeouts},
    };
    for (const auto& [known, counter] : kCounters) {
        if (known == fault)
            return counter;
    }
    return &Sums::internal_errors;
}

/// What a line of the log adds to what the session knows.
std::string_view remark(Fault fault) noexcept {
    if (is_time_limit(fault))
        return ", the handler is cancelled";
    if (fault == Fault::unexpected_proxy_header)
        return ", and the peer is not in proxy_protocol_from";
    return fault == Fault::proxy_header ? ", and the peer is in proxy_protocol_from" : "";
}

/// For the ways in which a handler ends.
Counter counter_of(CallOutcome how) noexcept {
    switch (how) {
    case CallOutcome::hung_up:
        return &Sums::hangups;
    case CallOutcome::timed_out:
        return &Sums::handler_timeouts;
    case CallOutcome::cancelled:
        return &Sums::cancelled;
    case CallOutcome::failed:
        return &Sums::handler_failures;
    default:
        return &Sums::finished;
    }
}

/// Counts at the end of its scope: whoever has seen the count finds the line in the log.
struct CountedAfter {
    ~CountedAfter() { counters.add(counter); }
    Counters& counters;
    const Counter counter;
};

}  // namespace

// --- a loop --------------------------------------------------------------------------------------

void ServerLog::refused_peer(const asio::ip::address& peer, bool allowed) const {
    const auto reason =
        allowed ? Counter(&Sums::refused_per_peer) : Counter(&Sums::refused_address);
    const auto why = allowed ? "has as many sessions as it may" : "may not call";
    const auto subject = peer.to_string() + ' ' + why;
    log(reason, level::warn, "{}: connection closed", subject);
    counters_.add(reason);
    refused(
        {allowed ? Refusal::Reason::per_peer : Refusal::Reason::address, subject, nullptr, nullptr}
    );
}

void ServerLog::overload(std::size_t sessions) const {
    log(&Sums::overloads,
        level::warn,
        "{} sessions at once: new calls are refused until a tenth of them has ended",
        sessions);
    counters_.add(&Sums::overloads);
    tell([](Observer& observer) { observer.on_overload(true); });
}

void ServerLog::end_of_overload(std::size_t sessions) const {
    log(&Sums::overloads, level::warn, "{} sessions left: new calls are accepted again", sessions);
    tell([](Observer& observer) { observer.on_overload(false); });
}

void ServerLog::refused(const Refusal& refusal) const noexcept {
    tell([&refusal](Observer& observer) { observer.on_refusal(refusal); });
}

void ServerLog::drain(std::size_t sessions) const noexcept {
    tell([sessions](Observer& observer) { observer.on_drain(sessions); });
}

void ServerLog::observer_exception(const std::exception_ptr& error) const noexcept {
    const CountedAfter counted{counters_, &Sums::observer_errors};
    try {
        const auto what = log_message(describe(error));
        log(&Sums::observer_errors, level::err, "the observer threw: {}", what);
    } catch (...) {
        counters_.add(&Sums::internal_errors);
    }
}

void ServerLog::loop_exception(const std::exception_ptr& error) const {
    if (judge(error, false) == CallOutcome::hung_up)
        return;
    const auto what = log_message(describe(error));
    const CountedAfter counted{counters_, &Sums::stray_exceptions};
    log(&Sums::stray_exceptions, level::err, "an exception left a completion handler: {}", what);
}

void ServerLog::regex_error(std::string_view what) const {
    const CountedAfter counted{counters_, &Sums::regex_errors};
    log(&Sums::regex_errors, level::warn, "{}", what);
}

void ServerLog::drained(const Drained& drained) const {
    auto& logger = *context_.messages;
    const auto [finished, cancelled, abandoned] = drained;
    const auto calls = finished == 1 ? "call" : "calls";
    if (finished + cancelled + abandoned == 0)
        logger.info("shut down: no calls in progress");
    else if (abandoned == 0)
        logger.info("drained: {} {} completed, {} cancelled", finished, calls, cancelled);
    else
        logger.warn(
            "drained: {} {} completed, {} cancelled, {} of them left behind",
            finished,
            calls,
            cancelled,
            abandoned
        );
}

bool ServerLog::admit(Counter kind, level::level_enum level) const {
    if (!context_.logger->should_log(level))
        return false;
    const auto left_out = context_.limiter.admit(kind);
    if (left_out && *left_out > 0)
        context_.messages->log(level, "{} lines like the next one were left out", *left_out);
    return left_out.has_value();
}

// --- a call --------------------------------------------------------------------------------------

void CallLog::line(bool sent, std::string_view line) const {
    if (context_.logger->should_log(level::trace))
        write(level::trace, (sent ? "> " : "< ") + log_text(line, 4096), " ");
}

void CallLog::fault(Fault fault, std::string_view why) const noexcept {
    try {
        // A peer that connects and closes without sending a byte is a health probe.
        closed(
            counter_of(fault),
            log_text(why).append(remark(fault)),
            fault == Fault::silent ? level::debug : level::warn
        );
    } catch (...) {
        counters_.add(&Sums::internal_errors);
    }
}

void CallLog::stray_exception(const std::exception_ptr& error) const {
    const CountedAfter counted{counters_, &Sums::stray_exceptions};
    threw(&Sums::stray_exceptions, "outside of its own coroutine: " + describe(error));
}

void CallLog::end(const CallEnd& end) const noexcept {
    counters_.add(&Sums::commands, end.commands);
    try {
        if (!end.begun) {
            if (end.error)
                closed(&Sums::internal_errors, log_message(describe(end.error)));
            return;
        }
        const auto counter = counter_of(end.how);
        const CountedAfter counted{counters_, counter};
        if (end.how == CallOutcome::timed_out || end.how == CallOutcome::failed)
            threw(counter, describe(end.error));
        auto& logger = *context_.logger;
        if (!logger.should_log(level::info))
            return;
        const auto how = to_string(end.how);
        const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(end.took).count();
        const auto number = end.commands;
        const auto plural = number == 1 ? "" : "s";
        if (context_.options.log_format == LogFormat::text)
            logger.info("{}: {}, {} ms, {} command{}", name(), how, time, number, plural);
        else
            logger.info(
                "{}",
                json("the call has ended")
                    .add("how", how)
                    .add("duration_ms", static_cast<std::uint64_t>(time))
                    .add("commands", number)
                    .finish()
            );
    } catch (...) {
        counters_.add(&Sums::internal_errors);
    }
}

void CallLog::closed(Counter reason, std::string_view why, level::level_enum level) const {
    const CountedAfter counted{counters_, reason};
    if (!admit(reason, level))
        return;
    const auto& peer = call_.request().peer;
    const auto whose = peer ? " of " + peer->address().to_string() : "";
    write(level, std::string(why) + "; connection" + whose + " closed");
}

void CallLog::threw(Counter kind, const std::string& what) const {
    if (admit(kind, level::err))
        write(level::err, "the handler threw: " + log_message(what));
}

void CallLog::write(level::level_enum level, std::string_view message, std::string_view separator)
    const {
    auto& logger = *context_.logger;
    if (context_.options.log_format == LogFormat::json) {
        logger.log(level, "{}", json(message).finish());
        return;
    }
    auto subject = name();
    if (!subject.empty())
        subject += separator;
    logger.log(level, "{}{}", subject, message);
}

/// Every line about a call begins with its unique id, channel and path, once they are known, and
/// with what its query says of other ids.
std::string CallLog::name() const {
    const auto& environment = call_.environment();
    std::string name;
    if (environment.block().empty())
        return name;
    name.reserve(96);
    append_log_text(name, environment.unique_id());
    append_log_text(name += ' ', environment.channel());
    append_log_text(name += ' ', script_path(environment.network_script()));
    if (const auto linked = linked_id(); linked != environment.unique_id() && !linked.empty())
        append_log_text(name += " linkedid=", linked);
    if (const auto trace = trace_id(); !trace.empty())
        name.append(" trace=").append(trace);
    return name;
}

JsonLine CallLog::json(std::string_view message) const {
    const auto& environment = call_.environment();
    const auto& peer = call_.request().peer;
    JsonLine line;
    if (!environment.block().empty()) {
        line.add("uniqueid", log_text(environment.unique_id()))
            .add("channel", log_text(environment.channel()))
            .add("path", log_text(script_path(environment.network_script())));
    }
    if (const auto linked = linked_id(); !linked.empty())
        line.add("linkedid", log_text(linked));
    if (const auto trace = trace_id(); !trace.empty())
        line.add("trace_id", trace);
    if (peer)
        line.add("peer", peer->address().to_string());
    line.add("message", message);
    return line;
}

/// Asterisk's environment does not have it, so the dialplan has to pass it.
std::string_view CallLog::linked_id() const noexcept {
    return call_.request().kwargs.first("linkedid").value_or("");
}

std::string_view CallLog::trace_id() const noexcept {
    const auto trace = call_.request().kwargs.first("traceparent").value_or("");
    const auto parsed = parse_trace_parent(trace);
    return parsed ? parsed->trace_id : "";
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
