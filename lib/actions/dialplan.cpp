// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan.
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>

namespace costrix::agi {

void detail::join(std::optional<std::string>& arguments, std::string_view argument) {
    if (arguments)
        arguments->append(",").append(argument);
    else
        arguments = std::string(argument);
}

void Exec::encode(CommandLine& line) const {
    if (application_.empty())
        line.refuse("application", "is empty");
    line.argument(application_, "application");
    if (arguments_)
        line.argument(*arguments_, "arguments");
}

Exec::Result Exec::parse(const Reply& reply) {
    if (reply.number() == -2)
        throw AGIAppError("no such application");
    return {reply.number().value_or(0)};
}

std::optional<char> Exec::Result::key() const noexcept {
    if (value < 0 || value > 127 || !is_dtmf(static_cast<char>(value)))
        return std::nullopt;
    return static_cast<char>(value);
}

void Gosub::encode(CommandLine& line) const {
    line.argument(context_, "context").argument(extension_, "extension");
    line.argument(priority_, "priority");
    if (arguments_)
        line.argument(*arguments_, "arguments");
}

Gosub::Result Gosub::parse(const Reply& reply) {
    if (reply.number() != 0)
        throw AGIAppError("no such subroutine");
    return {reply.value() == "abnormal exit"};
}

}  // namespace costrix::agi
