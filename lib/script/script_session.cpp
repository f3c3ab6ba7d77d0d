// SPDX-License-Identifier: MIT
// The session on standard input and output, under the coroutine and the blocking interface alike.
#include "script/script_session.hpp"

#include "protocol/log_text.hpp"
#include "script/standard_streams.hpp"
#include "session/handler_end.hpp"

#include <errno.h>  // program_invocation_short_name
#include <unistd.h>

namespace costrix::agi::detail {
namespace {

StdioTransport make_transport(asio::io_context& context, std::function<void()> before_read) {
    auto [input, output] = take_standard_streams();
    return StdioTransport(
        context.get_executor(), std::move(input), std::move(output), std::move(before_read)
    );
}

SessionLimits limits_of(const ScriptOptions& options) {
    SessionLimits limits;
    limits.session_time = options.session_timeout;
    limits.after_hangup_time = options.after_hangup_timeout;
    limits.channel_check_interval = options.channel_check_interval;
    return limits;
}

}  // namespace

ScriptSession::ScriptSession(asio::io_context& context, const ScriptOptions& options)
    : limits_(limits_of(options)),
      transport_(make_transport(context, [this] { signals_.deliver(); })),
      session_(transport_, *this, limits_),
      signals_(context.get_executor(), [this] { session_.on_sighup(); }), agi_(session_) {
    session_.observe_lines(options.debug);
}

void ScriptSession::start(std::function<void(std::string_view)> on_environment) {
    environment_handler_ = std::move(on_environment);
    session_.start(std::shared_ptr<TransportListener>(shared_from_this(), &session_));
}

void ScriptSession::close() {
    session_.close();
    signals_.stop();
}

void ScriptSession::on_environment(std::string_view fault) {
    environment_handler_(fault);
}

void ScriptSession::on_line(bool sent, std::string_view line) {
    say((sent ? "> " : "< ") + log_text(line, 4096));
}

void ScriptSession::on_protocol_error(std::string_view what) {
    broken_ = true;
    // What is piped into a script comes at once; a file is read as the commands are sent.
    const bool recorded = session_.fault() == Fault::not_a_reply && session_.commands() == 0;
    say("not AGI, the conversation is ended: " + log_text(what) +
        (recorded ? "; to play recorded replies, redirect a file: " +
                        std::string(program_invocation_short_name) + " < FILE"
                  : std::string()));
}

void ScriptSession::on_overtime(std::string_view what) {
    say(what);
    cancel_wait(overtime_);
}

void ScriptSession::on_more_overtime() {
    cancel_wait(overtime_);
}

void ScriptSession::on_stray_exception(std::exception_ptr error) noexcept {
    say_stray(error, session_.hung_up());
}

void say(std::string_view what) noexcept {
    try {
        std::string line = program_invocation_short_name;
        line.append(": ").append(what) += '\n';
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
            return;  // nobody to tell it to
    } catch (...) {
    }
}

int exit_status(const std::exception_ptr& error, bool hung_up) {
    const auto [end, what] = judge(error, hung_up);
    if (end == HandlerEnd::returned || end == HandlerEnd::hung_up)
        return 0;
    say("the handler threw: " + (what.empty() ? "it was cancelled" : log_message(what)));
    return 1;
}

void say_stray(const std::exception_ptr& error, bool hung_up) noexcept {
    try {
        const auto [end, what] = judge(error, hung_up);
        if (end != HandlerEnd::hung_up)
            say("an exception left a completion handler: " + log_message(what));
    } catch (...) {
    }
}

}  // namespace costrix::agi::detail
