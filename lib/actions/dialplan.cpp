// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan.
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>

namespace costrix::agi {

void Exec::join(std::string_view argument) {
    if (arguments_)
        arguments_->append(",").append(argument);
    else
        arguments_ = std::string(argument);
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

}  // namespace costrix::agi
