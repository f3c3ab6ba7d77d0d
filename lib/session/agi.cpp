// SPDX-License-Identifier: MIT
// AGI: the parts that need no template.
#include <costrix/agi/agi.hpp>
#include <costrix/agi/protocol/command_table.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::SessionInterface;

constexpr auto kNoLimit = std::chrono::nanoseconds::max();

}  // namespace

asio::awaitable<Reply> AGI::send(std::string_view command_line) {
    CommandLine line = session_.new_line();
    if (!session_.finish_line(line.raw(command_line)))
        return detail::ready(Reply(ReplyStatus::refused, line.fault()));
    const auto traits = traits_of_line(command_line);
    return detail::initiate<detail::ParseReply, &SessionInterface::submit>(
        session_, std::move(line).release(), traits, Deadline::max()
    );
}

detail::AsyncInitiation<detail::ParseReply> AGI::start_send(std::string_view command_line) {
    CommandLine line = session_.new_line();
    if (!session_.finish_line(line.raw(command_line)))
        return {session_, Reply(ReplyStatus::refused, line.fault())};
    const auto traits = traits_of_line(command_line);
    return {
        session_,
        &SessionInterface::submit,
        kNoLimit,
        Deadline::max(),
        std::move(line).release(),
        traits};
}

detail::AsyncInitiation<detail::ParseEnd> AGI::start_wait_for_hangup() {
    return {session_, &SessionInterface::wait_hangup, kNoLimit, Deadline::max()};
}

detail::AsyncInitiation<detail::ParseEnd> AGI::start_sleep_for(std::chrono::nanoseconds time) {
    return {session_, &SessionInterface::sleep, time, Deadline::max()};
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
    return detail::initiate<detail::ParseEnd, &SessionInterface::wait_hangup>(
        session_, Deadline::max()
    );
}

asio::awaitable<void> AGI::sleep_for(std::chrono::nanoseconds time) {
    return detail::initiate<detail::ParseEnd, &SessionInterface::sleep>(
        session_, detail::after(session_.now(), time)
    );
}

void AGI::allow_after_hangup() noexcept {
    session_.allow_after_hangup();
}

asio::ip::address AGI::local_address() const {
    return session_.local_address();
}

asio::any_io_executor AGI::get_executor() const {
    return session_.get_executor();
}

}  // namespace costrix::inline COSTRIX_ABI::agi
