// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan.
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>

namespace costrix::agi {

Exec Exec::raw(std::string application, std::string_view arguments) {
    Exec exec(std::move(application));
    exec.arguments_.add(arguments, detail::ArgumentList::Reading::text);
    return exec;
}

void Exec::add(std::string_view argument, std::size_t index) {
    arguments_.add(argument, detail::reading_of(application_, index));
}

void Exec::encode(CommandLine& line) const {
    if (application_.empty())
        line.refuse("application", "is empty");
    line.argument(application_, "application");
    arguments_.encode(line);
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
    const std::pair<std::string_view, const std::string&> parts[] = {
        {"context", context_}, {"extension", extension_}, {"priority", priority_}};
    for (const auto& [what, part] : parts) {
        if (part.find_first_of(",(") != std::string::npos)
            line.refuse(what, "holds a comma or '(', which ends it in Asterisk");
        line.argument(part, what);
    }
    arguments_.encode(line);
}

Gosub::Result Gosub::parse(const Reply& reply) {
    if (reply.number() != 0)
        throw AGIAppError("no such subroutine");
    return {reply.value() == "abnormal exit"};
}

}  // namespace costrix::agi
