// SPDX-License-Identifier: MIT
// From the outcome of an operation to an exception of the specification.
#include <costrix/agi/detail/outcome.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/printable.hpp>
#include <costrix/asio.hpp>

#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

std::string_view reason(End end, bool is_wait) noexcept {
    switch (end) {
    case End::hung_up:
        return "the caller hung up";
    case End::sighup:
        return "the caller hung up (SIGHUP)";
    case End::timed_out:
        return is_wait ? "it took too long" : "no reply before the deadline";
    case End::dead:
        return "not sent, the channel is dead";
    case End::returned:
        return "the call's handler has returned";
    default:
        return "the connection to Asterisk ended";
    }
}

template <class Exception>
[[noreturn]] void throw_about(std::string_view what, std::string_view command, const Reply& reply) {
    throw Exception(std::string(what), std::string(command), reply);
}

[[noreturn]] void throw_reply(const Reply& reply, std::string_view command) {
    const auto about = [&](std::string_view what) {
        return std::string(what) + ": Asterisk answered \"" +
               printable(reply.text().substr(0, 200)) + "\" to " + printable(command);
    };
    switch (reply.code()) {
    case 200:
        throw_about<AGINoResultError>(about("no result= in the reply"), command, reply);
    case 510:
        throw_about<AGIInvalidCommandError>(about("unknown command"), command, reply);
    case 511:
        throw_about<AGIDeadChannelError>(about("the channel is dead"), command, reply);
    case 520:
        throw_about<AGIUsageError>(about("wrong syntax"), command, reply);
    default:
        throw_about<AGIUnknownError>(about("unknown reply"), command, reply);
    }
}

}  // namespace

std::string_view command_of(const Outcome& outcome) noexcept {
    const std::string_view line = outcome.line;
    return line.substr(0, line.find_last_not_of('\n') + 1);
}

void throw_if_ended(const Outcome& outcome) {
    if (outcome.end == End::replied)
        return;
    if (outcome.end == End::cancelled)
        throw system_error(asio::error::operation_aborted);
    const auto command = command_of(outcome);
    auto what = std::string(reason(outcome.end, command.empty()));
    if (!command.empty())
        what += ": " + printable(command);
    const auto reply = to_reply(outcome);
    switch (outcome.end) {
    case End::hung_up:
        throw_about<AGIResultHangup>(what, command, reply);
    case End::sighup:
        throw_about<AGISIGHUPHangup>(what, command, reply);
    case End::timed_out:
        throw_about<AGITimeout>(what, command, reply);
    case End::dead:
        throw_about<AGIDeadChannelError>(what, command, reply);
    default:
        throw_about<AGISIGPIPEHangup>(what, command, reply);
    }
}

void throw_hangup(const SessionInterface& session) {
    std::string no_line;
    throw_if_ended({session.hangup(), {}, no_line});
    throw std::logic_error("the call has not ended");
}

void throw_if_failed(const Outcome& outcome) {
    throw_if_ended(outcome);
    if (!outcome.reply.ok())
        throw_reply(outcome.reply, command_of(outcome));
}

Reply to_reply(const Outcome& outcome) {
    const auto end = outcome.end;
    if (end == End::cancelled)
        throw system_error(asio::error::operation_aborted);
    if (outcome.reply.code() != 0)
        return outcome.reply;
    const bool caller = end == End::hung_up || end == End::sighup || end == End::dead;
    const auto status = end == End::timed_out ? ReplyStatus::timed_out
                        : caller              ? ReplyStatus::hung_up
                                              : ReplyStatus::disconnected;
    return Reply(status, std::string(reason(end, false)));
}

std::string finish(SessionInterface& session, CommandLine&& line, std::string_view command) {
    if (session.finish_line(line))
        return std::move(line).release();
    const auto message = std::string(command) + ": " + line.fault();
    throw AGIUsageError(message, std::string(command), Reply(ReplyStatus::refused, message));
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
