// SPDX-License-Identifier: MIT
// The call of a script: on standard input and output, with signals, under every interface.
#include "script/script_call.hpp"

#include "platform/process.hpp"
#include "protocol/log_text.hpp"
#include "script/standard_streams.hpp"

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

SessionLimits limits_of(const ScriptOptions& options) {
    SessionLimits limits;
    limits.session_time = options.session_timeout;
    limits.after_hangup_time = options.after_hangup_timeout;
    limits.channel_check_interval = options.channel_check_interval;
    return limits;
}

std::string no_handler(const Request& request) {
    const auto first = request.args.empty() ? "the call has no argument"
                                            : "nor the call's first argument \"" +
                                                  log_text(request.args.front()) + '"';
    return "no handler: no pattern matches the program's name \"" + request.path + "\", " + first +
           ", and there is no default handler";
}

StdioTransport make_transport(asio::io_context& context, std::function<void()> before_read) {
    auto [input, output] = take_standard_streams();
    return StdioTransport(
        context.get_executor(), std::move(input), std::move(output), std::move(before_read)
    );
}

}  // namespace

ScriptCall::ScriptCall(asio::io_context& context, const ScriptOptions& options, FindHandler find)
    : find_(std::move(find)), observer_(options.observer), limits_(limits_of(options)),
      transport_(make_transport(context, [this] { signals_.deliver(); })),
      call_(transport_, limits_, *this),
      signals_(context.get_executor(), [this] { call_.session().on_sighup(); }) {
    if (options.debug)
        call_.session().observe_lines();
}

void ScriptCall::close() {
    call_.session().close();
    signals_.stop();
}

void ScriptCall::return_handler() noexcept {
    const auto& session = call_.session();
    const auto took = session.now() - call_.accepted();
    const bool hung_up = session.hung_up();
    call_.tell_end({judge(nullptr, hung_up), true, nullptr, hung_up, session.commands(), took});
}

std::shared_ptr<const ScriptHandler> ScriptCall::route() {
    begun_ = true;
    auto& request = call_.request();
    request.path = program_name();
    const auto arguments = call_.environment().arguments();
    request.args.assign(arguments.begin(), arguments.end());
    auto handler = find_(request);
    if (!handler)
        throw std::runtime_error(no_handler(request));
    call_.observe(observer_.get());
    return handler;
}

void ScriptCall::on_observer_exception(const std::exception_ptr& error) noexcept {
    try {
        say("the observer threw: " + log_message(describe(error)));
    } catch (...) {  // out of memory: there is nothing to say it with
    }
}

void ScriptCall::on_end(const CallEnd& end) noexcept {
    call_.tell_end(end);
    end_ = end;
}

void ScriptCall::on_line(bool sent, std::string_view line) {
    say((sent ? "> " : "< ") + log_text(line, 4096));
}

void ScriptCall::on_fault(Fault fault, std::string_view why) {
    if (is_time_limit(fault)) {
        say(why);
        return;
    }
    fault_ = "no AGI on standard input: " + log_text(why);
    // What is piped into a script comes at once; a file is read as the commands are sent.
    if (fault == Fault::not_a_reply && call_.session().commands() == 0)
        fault_.append("; to play recorded replies, redirect a file: ")
            .append(program_name())
            .append(" < FILE");
    if (begun_)
        say(fault_);  // otherwise it is the caller's to report
}

void ScriptCall::on_stray_exception(const std::exception_ptr& error) {
    if (judge(error, call_.session().hung_up()) != CallOutcome::hung_up)
        say("an exception left a completion handler: " + log_message(describe(error)));
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
