// SPDX-License-Identifier: MIT
// AGI: the parts that need no template.
#include <costrix/agi/agi.hpp>
#include <costrix/agi/protocol/command_table.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::SessionInterface;

/// The bare reply, without exceptions.
struct ParseReply {
    using Result = Reply;
    static Reply parse(const detail::Outcome& outcome) { return detail::to_reply(outcome); }
};

asio::awaitable<Reply> refused(std::string fault) {
    co_return Reply(ReplyStatus::refused, std::move(fault));
}

}  // namespace

asio::awaitable<Reply> AGI::send(std::string_view command_line) {
    CommandLine line = session_.new_line();
    if (!session_.finish_line(line.raw(command_line)))
        return refused(line.fault());
    const auto traits = traits_of_line(command_line);
    return detail::initiate<ParseReply>(
        session_, &SessionInterface::submit, std::move(line).release(), traits, Deadline::max()
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
    return detail::initiate<detail::ParseEnd>(
        session_, &SessionInterface::wait_hangup, Deadline::max()
    );
}

asio::awaitable<void> AGI::sleep_for(std::chrono::nanoseconds time) {
    return detail::initiate<detail::ParseEnd>(
        session_, &SessionInterface::sleep, detail::after(session_.now(), time)
    );
}

void AGI::allow_after_hangup() noexcept {
    session_.allow_after_hangup();
}

asio::any_io_executor AGI::get_executor() const {
    return session_.get_executor();
}

}  // namespace costrix::inline COSTRIX_ABI::agi
