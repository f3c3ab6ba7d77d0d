// SPDX-License-Identifier: MIT
// Applications where callers wait, meet and leave messages, and what they leave in variables.
#include "applications/run_application.hpp"

#include <costrix/agi/applications/queue.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::ApplicationCall;

constexpr std::array<std::pair<std::string_view, Queued::Status>, 9> kQueueStatuses{{
    {"", Queued::Status::served},
    {"TIMEOUT", Queued::Status::timeout},
    {"FULL", Queued::Status::full},
    {"JOINEMPTY", Queued::Status::join_empty},
    {"LEAVEEMPTY", Queued::Status::leave_empty},
    {"JOINUNAVAIL", Queued::Status::join_unavailable},
    {"LEAVEUNAVAIL", Queued::Status::leave_unavailable},
    {"CONTINUE", Queued::Status::continued},
    {"WITHDRAW", Queued::Status::withdrawn},
}};

constexpr std::array<std::pair<std::string_view, VoiceMailResult::Status>, 2> kMailStatuses{{
    {"SUCCESS", VoiceMailResult::Status::success},
    {"USEREXIT", VoiceMailResult::Status::user_exit},
}};

asio::awaitable<Queued> queue(AGI& call, ApplicationCall application) {
    co_await call.execute(SetVariable("QUEUESTATUS", ""));
    std::vector<std::string> names{"QUEUESTATUS"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    const auto status = detail::value_of(kQueueStatuses, values[0], Queued::Status::other);
    co_return Queued{status, values[0]};
}

asio::awaitable<Conferred> confer(AGI& call, ApplicationCall application) {
    std::vector<std::string> names{"CONFBRIDGE_RESULT"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return Conferred{values[0]};
}

asio::awaitable<VoiceMailResult> leave_message(AGI& call, ApplicationCall application) {
    std::vector<std::string> names{"VMSTATUS"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    const auto failed = VoiceMailResult::Status::failed;
    co_return VoiceMailResult{detail::value_of(kMailStatuses, values[0], failed), values[0]};
}

asio::awaitable<bool> give_to_stasis(AGI& call, ApplicationCall application) {
    std::vector<std::string> names{"STASISSTATUS"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return values[0] == "SUCCESS";
}

}  // namespace

std::string_view to_string(Queued::Status status) noexcept {
    constexpr std::array<std::string_view, 10> names{
        "served",
        "timeout",
        "full",
        "join empty",
        "leave empty",
        "join unavailable",
        "leave unavailable",
        "continued",
        "withdrawn",
        "other"};
    const auto index = static_cast<std::size_t>(status);
    return index < names.size() ? names[index] : "?";
}

Queue& Queue::timeout(std::chrono::seconds time) {
    timeout_ = detail::whole_seconds("Queue::timeout", time);
    return *this;
}

asio::awaitable<Queued> Queue::run(AGI& call) const {
    ApplicationCall application("Queue");
    application.argument(name_).argument(options_.text()).argument("").argument(announce_);
    application.argument(timeout_).argument("").argument(subroutine_).argument(rule_);
    return queue(call, std::move(application));
}

asio::awaitable<Conferred> ConfBridge::run(AGI& call) const {
    ApplicationCall application("ConfBridge");
    application.argument(conference_).argument(bridge_).argument(user_).last_argument(menu_);
    return confer(call, std::move(application));
}

asio::awaitable<VoiceMailResult> VoiceMail::run(AGI& call) const {
    ApplicationCall application("VoiceMail");
    application.argument(detail::joined(mailboxes_)).last_argument(options_.text());
    return leave_message(call, std::move(application));
}

asio::awaitable<void> VoiceMailMain::run(AGI& call) const {
    ApplicationCall application("VoiceMailMain");
    application.argument(mailbox_).last_argument(options_.text());
    return detail::run_application(call, std::move(application));
}

asio::awaitable<bool> Stasis::run(AGI& call) const {
    ApplicationCall application("Stasis");
    for (const auto& argument : arguments_)
        application.argument(argument);
    return give_to_stasis(call, std::move(application));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
