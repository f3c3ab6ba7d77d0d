// SPDX-License-Identifier: MIT
// The life of a connection: environment, route, handler, close, and one line in the log.
#include "server/connection.hpp"

#include "protocol/log_text.hpp"
#include "router/make_request.hpp"
#include "session/handler_end.hpp"

#include <costrix/agi/exceptions.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/system_error.hpp>
#include <spdlog/logger.h>

namespace costrix::agi::detail {

namespace {

Counter counter_of(Fault fault) noexcept {
    switch (fault) {
    case Fault::silent:
        return &ServerCounters::probes;
    case Fault::environment_cut:
        return &ServerCounters::environment_cut;
    case Fault::environment_late:
        return &ServerCounters::environment_late;
    case Fault::environment_too_long:
        return &ServerCounters::environment_too_long;
    case Fault::environment_forged:
        return &ServerCounters::environment_forged;
    case Fault::not_agi:
        return &ServerCounters::not_agi;
    case Fault::reply_too_long:
        return &ServerCounters::reply_too_long;
    case Fault::not_a_reply:
        return &ServerCounters::not_a_reply;
    case Fault::not_reading:
        return &ServerCounters::not_reading;
    case Fault::vanished:
        return &ServerCounters::vanished;
    case Fault::session_too_long:
        return &ServerCounters::session_too_long;
    case Fault::late_after_hangup:
        return &ServerCounters::late_after_hangup;
    case Fault::none:
    case Fault::internal:
        break;
    }
    return &ServerCounters::internal_errors;
}

}  // namespace

Connection::Connection(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct,
    std::shared_ptr<ConnectionHost> host,
    const asio::ip::address& peer,
    bool busy
)
    : host_(std::move(host)), transport_(std::move(socket), std::move(executor), direct),
      session_(transport_, *this, host_->limits()), agi_(session_), peer_(peer), busy_(busy) {}

Connection::~Connection() {
    // What waited for the peer was dropped and never resumed: no memory, or the end of its context.
    if (!ended_)
        host_->on_connection_ended(*this);
}

void Connection::start() {
    try {
        session_.observe_lines(host_->logger().should_log(spdlog::level::trace));
        session_.start(std::shared_ptr<TransportListener>(shared_from_this(), &session_));
    } catch (const std::exception& error) {
        report(
            &ServerCounters::internal_errors, "{}: connection closed", log_message(error.what())
        );
        finish(nullptr);
    }
}

void Connection::cancel() {
    if (handler_)
        cancel_wait(cancel_handler_);
    else
        finish(nullptr);  // it never came to a handler
}

void Connection::on_environment(std::string_view fault) {
    if (ended_)
        return;  // as on_protocol_error() has reported
    if (fault.empty()) {
        if (prepare())
            run_handler();
        else
            finish(nullptr);
        return;
    }
    const auto kind = counter_of(session_.fault());
    host_->counters().add(kind);
    // A peer that connects and closes without a word is a health probe.
    const bool probe = session_.fault() == Fault::silent;
    host_->policy().log(
        kind,
        probe ? spdlog::level::debug : spdlog::level::warn,
        "environment {}: connection of {} closed",
        fault,
        peer_.to_string()
    );
    finish(nullptr);
}

/// Finds the handler and asks whether it may run; false when this call is not to be served.
bool Connection::prepare() {
    try {
        request_ = make_request(session_.environment());
        if (!route() || !admitted())
            handler_ = nullptr;
        else
            begin_recording();
    } catch (const std::exception& error) {
        report(
            &ServerCounters::internal_errors, "{}: connection closed", log_message(error.what())
        );
        handler_ = nullptr;
    }
    return handler_ != nullptr;
}

bool Connection::route() {
    const auto& options = host_->policy().options();
    if (request_.path.size() > options.max_path) {
        report(
            &ServerCounters::refused_path,
            "{}: a path of {} bytes, closed",
            name(),
            request_.path.size()
        );
        return false;
    }
    if (busy_) {
        handler_ = std::shared_ptr<const ScriptHandler>(host_, &options.busy);
        return true;
    }
    auto found = host_->router().get_script_handler(request_.path);
    if (!found) {
        report(&ServerCounters::refused_no_route, "{}: no handler, closed", name());
        return false;
    }
    handler_ = std::move(found.handler);
    request_.match = std::move(found.match);
    return true;
}

bool Connection::admitted() {
    const auto& admission = host_->policy().options().admission;
    if (!admission)
        return true;
    std::string why = "not admitted";
    try {
        if (admission({peer_, session_.environment(), request_}))
            return true;
    } catch (const std::exception& error) {
        why = "the admission threw: " + log_message(error.what());
    } catch (...) {
        why = "the admission threw an exception that is no std::exception";
    }
    report(
        &ServerCounters::refused_admission,
        "{}: {}; connection of {} closed",
        name(),
        why,
        peer_.to_string()
    );
    return false;
}

void Connection::begin_recording() {
    auto* const recorder = host_->policy().recorder();
    if (!recorder)
        return;
    const auto& environment = session_.environment();
    recording_ = recorder->begin(environment, request_.path);
    if (!recording_)
        return;
    session_.observe_lines(true);
    if (session_.hung_up())
        recording_->add(false, "HANGUP", Clock::now());  // it came together with the environment
}

void Connection::end_recording() {
    if (!recording_)
        return;
    recording_->note("script closes the connection", Clock::now());
    host_->policy().recorder()->save(std::move(recording_));
}

/// Ends the connection when the handler has ended. A handler that is destroyed where it waits is
/// stuck or has no memory to go on; otherwise the whole io_context goes, which closes the session.
class Connection::Ending {
public:
    explicit Ending(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    Ending(Ending&&) noexcept = default;
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        if (!connection_)
            return;
        const auto& session = connection_->session_;
        if (session.stuck())
            connection_->finish(std::make_exception_ptr(Stopped()));
        else if (!session.closed())
            connection_->finish(std::make_exception_ptr(std::bad_alloc()));
    }

    void operator()(std::exception_ptr error) {
        std::exchange(connection_, nullptr)->finish(std::move(error));
    }

private:
    std::shared_ptr<Connection> connection_;
};

void Connection::run_handler() {
    try {
        auto flow = (*handler_)(agi_, request_);
        asio::co_spawn(
            session_.get_executor(),
            std::move(flow),
            asio::bind_cancellation_slot(cancel_handler_.slot(), Ending(shared_from_this()))
        );
    } catch (...) {
        finish(std::current_exception());  // a handler that threw before it became a coroutine
    }
}

/// Whatever fails in here, the server is told that the connection has ended.
void Connection::finish(std::exception_ptr error) noexcept {
    if (std::exchange(ended_, true))
        return;
    host_->counters().add(&ServerCounters::commands, session_.commands());
    try {
        if (handler_)
            log_end(error);
        end_recording();
    } catch (...) {
        host_->counters().add(&ServerCounters::internal_errors);
    }
    try {
        session_.close(End::returned);
    } catch (...) {
        host_->counters().add(&ServerCounters::internal_errors);
        transport_.close();
    }
    host_->on_connection_ended(*this);
}

void Connection::log_end(const std::exception_ptr& error) {
    auto [end, what] = judge(error, session_.hung_up());
    std::string_view how = "done";
    Counter kind = &ServerCounters::finished;
    switch (end) {
    case HandlerEnd::returned:
        if (!session_.hung_up())
            break;
        [[fallthrough]];
    case HandlerEnd::hung_up:
        how = "hung up";
        kind = &ServerCounters::hangups;
        break;
    case HandlerEnd::timed_out:
        how = "timed out";
        kind = &ServerCounters::timeouts;
        break;
    case HandlerEnd::cancelled:
        how = "cancelled";
        kind = &ServerCounters::cancelled;
        break;
    case HandlerEnd::failed:
        how = "failed";
        kind = &ServerCounters::failures;
        break;
    }
    host_->counters().add(kind);
    if (!what.empty())
        log_failure(kind, what);
    log_call(how);
}

/// Every line in the log about this call begins with it: its unique id, channel and path.
std::string Connection::name() const {
    const auto& environment = session_.environment();
    std::string name;
    name.reserve(96);
    append_log_text(name, environment.unique_id());
    append_log_text(name += ' ', environment.channel());
    append_log_text(name += ' ', script_path(environment.network_script()));
    return name;
}

void Connection::log_call(std::string_view how) {
    auto& logger = host_->logger();
    if (!logger.should_log(spdlog::level::info))
        return;
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - accepted_);
    const auto commands = session_.commands();
    logger.info(
        "{}: {}, {} ms, {} command{}", name(), how, took.count(), commands, commands == 1 ? "" : "s"
    );
}

void Connection::log_failure(Counter kind, std::string_view what) {
    host_->policy().log(
        kind, spdlog::level::err, "{}: the handler threw: {}", name(), log_message(what)
    );
}

void Connection::on_disconnect() {
    if (recording_)
        recording_->note("asterisk closes the connection", Clock::now());
    if (session_.fault() != Fault::none)
        report(
            counter_of(session_.fault()),
            "{}: the connection of {} {}",
            name(),
            peer_.to_string(),
            session_.fault() == Fault::vanished ? "answers no more" : "is closed: no memory"
        );
}

void Connection::on_line(bool sent, std::string_view line) {
    if (recording_)
        recording_->add(sent, line, Clock::now());
    if (!host_->logger().should_log(spdlog::level::trace))
        return;
    host_->logger().trace("{} {} {}", name(), sent ? '>' : '<', log_text(line, 4096));
}

void Connection::on_protocol_error(std::string_view what) {
    report(
        counter_of(session_.fault()),
        "{}: not AGI, connection of {} closed: {}",
        name(),
        peer_.to_string(),
        log_text(what)
    );
    if (!handler_)
        finish(nullptr);
}

void Connection::on_overtime(std::string_view what) {
    report(
        counter_of(session_.fault()),
        "{}: {}: the connection is closed and the handler cancelled",
        name(),
        what
    );
    cancel_wait(cancel_handler_);
}

void Connection::on_more_overtime() {
    cancel_wait(cancel_handler_);
}

void Connection::on_stray_exception(std::exception_ptr error) noexcept {
    try {
        const auto [end, what] = judge(error, session_.hung_up());
        if (end == HandlerEnd::hung_up)
            return;
        host_->counters().add(&ServerCounters::stray_exceptions);
        log_failure(&ServerCounters::stray_exceptions, "outside of its own coroutine: " + what);
    } catch (...) {
        host_->counters().add(&ServerCounters::internal_errors);
    }
}

}  // namespace costrix::agi::detail
