// SPDX-License-Identifier: MIT
// The session on standard input and output, under the coroutine and the blocking interface alike.
#pragma once

#include "script/script_signals.hpp"
#include "session/session.hpp"
#include "transport/stdio_transport.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/script.hpp>

#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string_view>

namespace costrix::agi::detail {

/// Takes standard input and output over, and SIGHUP and SIGPIPE.
class ScriptSession final : public SessionOwner,
                            public std::enable_shared_from_this<ScriptSession> {
public:
    ScriptSession(asio::io_context& context, const ScriptOptions& options);

    /// Begins to read; `on_environment` is called when the environment is complete, or with the
    /// reason why it never will be.
    void start(std::function<void(std::string_view fault)> on_environment);
    void close();

    AGI& agi() noexcept { return agi_; }
    /// See Session::stuck().
    bool stuck() const noexcept { return session_.stuck(); }
    /// True when what came was no AGI, and standard error has the reason.
    bool broken() const noexcept { return broken_; }
    /// Emitted when a time limit of the session is over.
    asio::cancellation_signal& overtime() noexcept { return overtime_; }

private:
    void on_environment(std::string_view fault) override;
    void on_line(bool sent, std::string_view line) override;
    void on_protocol_error(std::string_view what) override;
    void on_overtime(std::string_view what) override;
    void on_more_overtime() override;
    void on_stray_exception(std::exception_ptr error) noexcept override;

    const SessionLimits limits_;
    StdioTransport transport_;
    Session session_;
    ScriptSignals signals_;
    AGI agi_;
    std::function<void(std::string_view)> environment_handler_;
    asio::cancellation_signal overtime_;
    bool broken_ = false;
};

/// One line on standard error, begun with the program's name. Neither iostreams nor a logger: they
/// would be part of every script's start.
void say(std::string_view what) noexcept;

/// Logs what ended a handler, and makes an exit status of it: 0 for a normal end or a hangup.
/// `hung_up`: its call has ended.
int exit_status(const std::exception_ptr& error, bool hung_up);

/// Logs an exception that left a completion handler, unless it is a hangup.
void say_stray(const std::exception_ptr& error, bool hung_up) noexcept;

}  // namespace costrix::agi::detail
