// SPDX-License-Identifier: MIT
// Exec and Gosub, and how Asterisk parses their arguments (app.c: __ast_app_separate_args).
#include "protocol/ascii.hpp"

#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>

#include <algorithm>
#include <array>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

namespace {

using Reading = ArgumentList::Reading;

/// The state of Asterisk's parser within a text.
struct Nesting {
    int round = 0;
    int square = 0;

    bool open() const noexcept { return round > 0 || square > 0; }
    void take(char byte) noexcept {
        if (byte == '(')
            ++round;
        else if (byte == '[')
            ++square;
        else if (byte == ')')
            round = std::max(round - 1, 0);
        else if (byte == ']')
            square = std::max(square - 1, 0);
    }
};

bool is_bracket(char byte) noexcept {
    return byte == '(' || byte == ')' || byte == '[' || byte == ']';
}

void escape_argument(std::string& text, std::string_view argument) {
    Nesting nesting;
    for (const char byte : argument)
        nesting.take(byte);
    for (const char byte : argument) {
        const bool literal = byte == ',' || byte == '"' || byte == '\\';
        if (literal || (nesting.open() && is_bracket(byte)))
            text += '\\';
        text += byte;
    }
}

/// True when the parser takes the whole text as one argument, and nothing is left open.
bool is_protected(std::string_view argument) noexcept {
    Nesting nesting;
    bool quoted = false;
    for (std::size_t i = 0; i < argument.size(); ++i) {
        const char byte = argument[i];
        if (byte == '\\' && ++i == argument.size())
            return false;
        if (byte == ',' && !quoted && !nesting.open())
            return false;
        quoted = quoted != (byte == '"');
        nesting.take(byte);
    }
    return !quoted && !nesting.open();
}

/// An application that does not parse its arguments in the standard way.
struct Special {
    std::string_view name;
    Reading reading;
    std::size_t first;  // the first argument to which this applies
};

// From Asterisk 22; test/asterisk checks it against a real one.
constexpr std::array<Special, 15> kSpecial{{
    {"set", Reading::text, 0},
    {"noop", Reading::text, 0},
    {"log", Reading::text, 1},
    {"verbose", Reading::text, 1},
    {"sendtext", Reading::text, 0},
    {"system", Reading::text, 0},
    {"trysystem", Reading::text, 0},
    {"playtones", Reading::text, 0},
    {"goto", Reading::plain, 0},
    {"gotoif", Reading::plain, 0},
    {"gotoiftime", Reading::plain, 0},
    {"gosub", Reading::plain, 0},
    {"gosubif", Reading::plain, 0},
    {"saynumber", Reading::plain, 0},
    {"sayordinal", Reading::plain, 0},
}};

}  // namespace

Reading reading_of(std::string_view application, std::size_t index) noexcept {
    for (const auto& [name, reading, first] : kSpecial) {
        if (index >= first && equal_ignoring_case(application, name))
            return reading;
    }
    return Reading::standard;
}

void ArgumentList::add(std::string_view argument, Reading reading) {
    if (text_)
        *text_ += ',';
    else
        text_.emplace();
    if (reading == Reading::standard)
        escape_argument(*text_, argument);
    else
        *text_ += argument;
    if (reading == Reading::plain && argument.find(',') != argument.npos)
        fault_ = "hold a comma, which this application cannot escape (see Exec::raw)";
    if (reading == Reading::protected_ && !is_protected(argument))
        fault_ =
            "hold a comma, or quotes or brackets that are not closed: Gosub cannot escape them";
}

void ArgumentList::encode(CommandLine& line) const {
    if (!fault_.empty())
        line.refuse("arguments", fault_);
    if (text_)
        line.argument(*text_, "arguments");
}

}  // namespace detail

Exec Exec::raw(std::string application, std::string_view arguments) {
    Exec exec(std::move(application));
    exec.arguments_.add(arguments, detail::ArgumentList::Reading::text);
    return exec;
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

}  // namespace costrix::inline COSTRIX_ABI::agi
