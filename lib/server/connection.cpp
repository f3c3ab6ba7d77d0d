// SPDX-License-Identifier: MIT
// The life of a connection: environment, route, handler, close, and one line in the log.
#include "server/connection.hpp"

#include "protocol/log_text.hpp"

#include <costrix/agi/exceptions.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/system_error.hpp>
#include <spdlog/logger.h>

namespace costrix::agi::detail {

Connection::Connection(
    Descriptor socket,
    asio::any_io_executor executor,
    bool direct,
    std::shared_ptr<ConnectionHost> host
)
    : host_(std::move(host)), transport_(std::move(socket), std::move(executor), direct),
      session_(transport_, *this, host_->limits()), agi_(session_) {}

void Connection::start() {
    session_.observe_lines(host_->logger().should_log(spdlog::level::trace));
    session_.start(std::shared_ptr<TransportListener>(shared_from_this(), &session_));
}

void Connection::cancel() {
    if (handler_)
        cancel_handler_.emit(asio::cancellation_type::terminal);
    else
        finish(nullptr);  // it never came to a handler
}

void Connection::on_environment(std::string_view fault) {
    if (fault.empty()) {
        if (route())
            run_handler();
        else
            finish(nullptr);
        return;
    }
    // A peer that connects and closes without a word is a health probe.
    const bool probe = fault == "never came";
    host_->logger().log(
        probe ? spdlog::level::debug : spdlog::level::warn,
        "environment {}: connection closed",
        fault
    );
    finish(nullptr);
}

bool Connection::route() {
    const auto& environment = session_.environment();
    const auto script = environment.network_script();
    request_.path = script_path(script);
    request_.kwargs = Query(script_query(script));
    for (std::size_t n = 1; const auto argument = environment.argument(n); ++n)
        request_.args.emplace_back(*argument);
    auto found = host_->router().get_script_handler(request_.path);
    if (!found) {
        host_->logger().warn(
            "{} {} /{}: no handler, closed",
            log_text(environment.unique_id()),
            log_text(environment.channel()),
            log_text(request_.path)
        );
        return false;
    }
    handler_ = std::move(found.handler);
    request_.match = std::move(found.match);
    return true;
}

void Connection::run_handler() {
    try {
        auto ended = [self = shared_from_this()](std::exception_ptr error) {
            self->finish(std::move(error));
        };
        asio::co_spawn(
            session_.get_executor(),
            (*handler_)(agi_, request_),
            asio::bind_cancellation_slot(cancel_handler_.slot(), std::move(ended))
        );
    } catch (...) {
        finish(std::current_exception());  // a handler that threw before it became a coroutine
    }
}

void Connection::finish(std::exception_ptr error) {
    if (std::exchange(ended_, true))
        return;
    if (handler_)
        log_end(std::move(error));
    session_.close();
    host_->on_connection_ended(*this);
}

void Connection::log_end(std::exception_ptr error) {
    std::string_view how = session_.hung_up() ? "hung up" : "done";
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const AGIHangup&) {
        how = "hung up";
    } catch (const AGITimeout& thrown) {
        how = "timed out";
        log_failure(thrown.what(), thrown.command());
    } catch (const AGIException& thrown) {
        how = "failed";
        log_failure(thrown.what(), thrown.command());
    } catch (const asio::system_error& thrown) {
        how = thrown.code() == asio::error::operation_aborted ? "cancelled" : "failed";
        if (how == "failed")
            log_failure(thrown.what(), {});
    } catch (const std::exception& thrown) {
        how = "failed";
        log_failure(thrown.what(), {});
    } catch (...) {
        how = "failed";
        log_failure("an exception that is no std::exception", {});
    }
    auto& logger = host_->logger();
    if (!logger.should_log(spdlog::level::info))
        return;
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - accepted_);
    const auto& environment = session_.environment();
    logger.info(
        "{} {} /{}: {}, {} ms, {} commands",
        log_text(environment.unique_id()),
        log_text(environment.channel()),
        log_text(request_.path),
        how,
        took.count(),
        session_.commands()
    );
}

void Connection::log_failure(std::string_view what, std::string_view command) {
    host_->logger().error(
        "{} /{}: the handler threw: {}{}{}",
        log_text(session_.environment().channel()),
        log_text(request_.path),
        log_text(what),
        command.empty() ? "" : "; command: ",
        log_text(command)
    );
}

void Connection::on_line(bool sent, std::string_view line) {
    host_->logger().trace(
        "{} {} {}",
        log_text(session_.environment().channel()),
        sent ? '>' : '<',
        log_text(line, 4096)
    );
}

void Connection::on_protocol_error(std::string_view what) {
    host_->logger().warn(
        "{} /{}: not AGI, connection closed: {}",
        log_text(session_.environment().channel()),
        log_text(request_.path),
        log_text(what)
    );
}

void Connection::on_overtime(std::string_view what) {
    host_->logger().warn(
        "{} /{}: {}: the connection is closed and the handler cancelled",
        log_text(session_.environment().channel()),
        log_text(request_.path),
        what
    );
    cancel_handler_.emit(asio::cancellation_type::terminal);
}

}  // namespace costrix::agi::detail
