// SPDX-License-Identifier: MIT
// AGI: the parts that need no template, and what an outcome means in exceptions.
#include "session/session.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/printable.hpp>

#include <asio/error.hpp>
#include <asio/system_error.hpp>

namespace costrix::agi {
namespace detail {
namespace {

[[noreturn]] void throw_end(const Outcome& outcome) {
    const auto line = std::string(command_of(outcome));
    const auto about = line.empty() ? "" : ": " + printable(line);  // a wait has no command
    const auto reply = outcome.reply.code() != 0 ? outcome.reply : to_reply(outcome);
    switch (outcome.end) {
    case End::hung_up:
        throw AGIResultHangup("the caller hung up" + about, line, reply);
    case End::sighup:
        throw AGISIGHUPHangup("the caller hung up (SIGHUP)" + about, line, reply);
    case End::timed_out:
        throw AGITimeout(
            line.empty() ? "it took too long" : "no reply before the deadline" + about, line, reply
        );
    case End::cancelled:
        throw_aborted();
    case End::dead:
        throw AGIDeadChannelError("not sent, the channel is dead" + about, line, reply);
    case End::returned:
        throw AGISIGPIPEHangup("the call's handler has returned" + about, line, reply);
    case End::disconnected:
    case End::replied:
        break;
    }
    throw AGISIGPIPEHangup("the connection to Asterisk ended" + about, line, reply);
}

[[noreturn]] void throw_reply(const Reply& reply, std::string line) {
    const auto said = "Asterisk answered \"" + printable(reply.text().substr(0, 200)) + "\" to " +
                      printable(line);
    switch (reply.code()) {
    case 200:
        throw AGINoResultError("no result= in the reply: " + said, std::move(line), reply);
    case 510:
        throw AGIInvalidCommandError("unknown command: " + said, std::move(line), reply);
    case 511:
        throw AGIDeadChannelError("the channel is dead: " + said, std::move(line), reply);
    case 520:
        throw AGIUsageError("wrong syntax: " + said, std::move(line), reply);
    default:
        throw AGIUnknownError("unknown reply: " + said, std::move(line), reply);
    }
}

std::string_view reason(End end) noexcept {
    switch (end) {
    case End::hung_up:
        return "the caller hung up";
    case End::sighup:
        return "the caller hung up (SIGHUP)";
    case End::timed_out:
        return "no reply before the deadline";
    case End::dead:
        return "the channel is dead";
    case End::returned:
        return "the call's handler has returned";
    default:
        return "the connection to Asterisk ended";
    }
}

}  // namespace

std::string_view command_of(const Outcome& outcome) noexcept {
    const std::string_view line = outcome.line;
    return line.substr(0, line.find_last_not_of('\n') + 1);
}

void throw_if_failed(const Outcome& outcome) {
    if (outcome.end != End::replied)
        throw_end(outcome);
    if (!outcome.reply.ok())
        throw_reply(outcome.reply, std::string(command_of(outcome)));
}

Reply to_reply(const Outcome& outcome) {
    if (outcome.end == End::cancelled)
        throw_aborted();
    if (outcome.reply.code() != 0)
        return outcome.reply;
    if (outcome.end == End::timed_out)
        return Reply(ReplyStatus::timed_out, std::string(reason(outcome.end)));
    const bool caller =
        outcome.end == End::hung_up || outcome.end == End::sighup || outcome.end == End::dead;
    return Reply(
        caller ? ReplyStatus::hung_up : ReplyStatus::disconnected, std::string(reason(outcome.end))
    );
}

void throw_aborted() {
    throw asio::system_error(asio::error::operation_aborted);
}

CommandLine new_line(Session& session) {
    return session.new_line();
}

std::string finish(Session& session, CommandLine&& line, std::string_view command) {
    line.finish();
    if (!line.ok() && session.stuck())
        return {};  // submit() ends the coroutine
    if (!line.ok()) {
        const auto message = std::string(command) + ": " + line.fault();
        throw AGIUsageError(message, std::string(command), Reply(ReplyStatus::refused, message));
    }
    return std::move(line).release();
}

std::uint64_t next_id(Session& session) noexcept {
    return session.next_id();
}
void submit(Session& session, Operation& operation) {
    session.submit(operation);
}
void refuse(Session& session, Operation& operation) {
    session.refuse_wait(operation);
}
void watch(Session& session, Operation& operation) {
    session.watch(operation);
}
void sleep(Session& session, Operation& operation) {
    session.sleep(operation);
}
Deadline deadline_after(Session& session, std::chrono::nanoseconds time) noexcept {
    return after(session.now(), time);
}
void cancel(Session& session, std::uint64_t id, asio::cancellation_type type) {
    session.cancel(id, type);
}
void give_back(Session& session, std::string&& line) noexcept {
    session.give_back(std::move(line));
}
bool is_hung_up(Session& session) noexcept {
    return session.hung_up();
}
void throw_hangup(Session& session) {
    const Reply none;
    std::string line;
    throw_end({session.hangup(), none, line});
}
const asio::any_io_executor& executor_of(Session& session) noexcept {
    return session.get_executor();
}

namespace {

/// The bare reply, without exceptions.
struct ParseReply {
    using Result = Reply;
    static Reply parse(const Outcome& outcome) { return to_reply(outcome); }
};

/// For a wait: for the hangup, or for a time.
struct ParseNothing {
    using Result = void;
    static void parse(const Outcome& outcome) {
        if (outcome.end != End::replied)
            throw_end(outcome);
    }
};

asio::awaitable<Reply> refused(std::string fault) {
    co_return Reply(ReplyStatus::refused, std::move(fault));
}

}  // namespace
}  // namespace detail

asio::awaitable<Reply> AGI::send(std::string_view command_line) {
    CommandLine line = session_.new_line();
    line.raw(command_line).finish();
    if (!line.ok() && !session_.stuck())
        return detail::refused(line.fault());
    const auto traits = traits_of_line(command_line);
    return detail::initiate<detail::ParseReply>(
        session_, std::move(line).release(), traits, Deadline::max()
    );
}

std::map<std::string, std::string> AGI::get_environment() const {
    return session_.environment().to_map();
}

const Environment& AGI::environment() const noexcept {
    return session_.environment();
}

bool AGI::hung_up() const noexcept {
    return session_.hung_up();
}

asio::awaitable<void> AGI::wait_for_hangup() {
    return detail::initiate<detail::ParseNothing>(session_);
}

asio::awaitable<void> AGI::sleep_for(std::chrono::nanoseconds time) {
    return detail::initiate<detail::ParseNothing>(session_, detail::deadline_after(session_, time));
}

void AGI::allow_after_hangup() noexcept {
    session_.allow_after_hangup();
}

asio::any_io_executor AGI::get_executor() const {
    return session_.get_executor();
}

}  // namespace costrix::agi
