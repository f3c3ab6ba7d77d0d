// SPDX-License-Identifier: MIT
// Applications that make calls, and what they leave in variables.
#include "applications/run_application.hpp"
#include "protocol/ascii.hpp"

#include <costrix/agi/applications/dial.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::ApplicationCall;
using Status = Dialled::Status;

constexpr std::array<std::pair<std::string_view, Status>, 9> kStatuses{{
    {"ANSWER", Status::answered},
    {"BUSY", Status::busy},
    {"NOANSWER", Status::no_answer},
    {"CANCEL", Status::cancelled},
    {"CONGESTION", Status::congestion},
    {"CHANUNAVAIL", Status::unavailable},
    {"DONTCALL", Status::refused},
    {"TORTURE", Status::refused},
    {"INVALIDARGS", Status::invalid_args},
}};

std::chrono::milliseconds milliseconds_of(const std::string& text) {
    return std::chrono::milliseconds(detail::to_number<std::int64_t>(text).value_or(0));
}

/// The time in ms, which Asterisk counts since version 16.3; before, in seconds alone.
std::chrono::milliseconds time_of(const std::string& in_ms, const std::string& in_s) {
    return in_ms.empty() ? milliseconds_of(in_s) * 1000 : milliseconds_of(in_ms);
}

asio::awaitable<Dialled> read_dial(AGI& call) {
    std::vector<std::string> names{
        "DIALSTATUS", "DIALEDTIME_MS", "DIALEDTIME", "ANSWEREDTIME_MS", "ANSWEREDTIME"};
    names.insert(names.end(), {"DIALEDPEERNAME", "DIALEDPEERNUMBER", "HANGUPCAUSE"});
    const auto values = co_await detail::read_variables(call, std::move(names));
    Dialled dialled;
    dialled.text = values[0];
    dialled.status = detail::value_of(kStatuses, values[0], Status::other);
    dialled.dialled_time = time_of(values[1], values[2]);
    dialled.talked_time = time_of(values[3], values[4]);
    dialled.peer = values[5];
    dialled.number = values[6];
    dialled.cause = detail::to_number<int>(values[7]);
    co_return dialled;
}

asio::awaitable<Dialled> dial(AGI& call, ApplicationCall application) {
    co_await detail::run_application(call, std::move(application));
    auto dialled = co_await read_dial(call);
    co_return dialled;
}

asio::awaitable<Originated> originate(AGI& call, ApplicationCall application) {
    std::vector<std::string> names{"ORIGINATE_STATUS"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return Originated{values[0] == "SUCCESS", values[0]};
}

asio::awaitable<Transferred> transfer(AGI& call, ApplicationCall application) {
    std::vector<std::string> names{"TRANSFERSTATUS", "TRANSFERSTATUSPROTOCOL"};
    const auto values =
        co_await detail::run_and_read(call, std::move(application), std::move(names));
    co_return Transferred{values[0] == "SUCCESS", values[0], values[1]};
}

}  // namespace

std::string_view to_string(Dialled::Status status) noexcept {
    constexpr std::array<std::string_view, 9> names{
        "answered",
        "busy",
        "no answer",
        "cancelled",
        "congestion",
        "unavailable",
        "refused",
        "invalid arguments",
        "other"};
    const auto index = static_cast<std::size_t>(status);
    return index < names.size() ? names[index] : "?";
}

Dial& Dial::timeout(std::chrono::seconds time) {
    timeout_ = detail::whole_seconds("Dial::timeout", time);
    return *this;
}

Dial& Dial::music(std::string_view music_class) {
    return option('m', music_class);
}

Dial& Dial::longest(std::chrono::seconds time) {
    return option('S', detail::whole_seconds("Dial::longest", time));
}

asio::awaitable<Dialled> Dial::run(AGI& call) const {
    ApplicationCall application("Dial");
    application.argument(detail::joined(destinations_))
        .argument(timeout_)
        .argument(options_.text());
    return dial(call, std::move(application));
}

asio::awaitable<Dialled> Dial::result_of_last(AGI& call) {
    return read_dial(call);
}

Originate Originate::to_extension(
    std::string destination,
    std::string context,
    std::string extension,
    std::string priority
) {
    Originate originate;
    originate.arguments_ = {
        std::move(destination),
        "exten",
        std::move(context),
        std::move(extension),
        std::move(priority)};
    return originate;
}

Originate
Originate::to_application(std::string destination, std::string application, std::string arguments) {
    Originate originate;
    originate.arguments_ = {
        std::move(destination), "app", std::move(application), std::move(arguments), ""};
    return originate;
}

Originate& Originate::timeout(std::chrono::seconds time) {
    timeout_ = detail::whole_seconds("Originate::timeout", time);
    return *this;
}

asio::awaitable<Originated> Originate::run(AGI& call) const {
    ApplicationCall application("Originate");
    for (const auto& argument : arguments_)
        application.argument(argument);
    application.argument(timeout_).last_argument(options_.text());
    return originate(call, std::move(application));
}

asio::awaitable<Transferred> Transfer::run(AGI& call) const {
    ApplicationCall application("Transfer");
    application.last_argument(destination_);
    return transfer(call, std::move(application));
}

Page& Page::timeout(std::chrono::seconds time) {
    timeout_ = detail::whole_seconds("Page::timeout", time);
    return *this;
}

asio::awaitable<void> Page::run(AGI& call) const {
    ApplicationCall application("Page");
    application.argument(detail::joined(destinations_)).argument(options_.text());
    application.last_argument(timeout_);
    return detail::run_application(call, std::move(application));
}

asio::awaitable<void> ChanSpy::run(AGI& call) const {
    ApplicationCall application("ChanSpy");
    application.argument(prefix_).last_argument(options_.text());
    return detail::run_application(call, std::move(application));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
