// SPDX-License-Identifier: MIT
// Actions on channel variables: GetVariable, GetFullVariable, SetVariable.
#pragma once

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Reads a channel variable or a dialplan function (GET VARIABLE).
///
/// The result is nothing for a variable that is not set, and an empty string for one that is set
/// to nothing. Asterisk cuts the value after 1,023 bytes. A value with newlines arrives whole
/// unless one of its lines ends in `)`: there the wire is ambiguous, and the value ends.
class GetVariable {
public:
    static constexpr std::string_view command = "GET VARIABLE";

    /// A name (`DIALSTATUS`) or a function call (`CALLERID(num)`), without `${}`.
    explicit GetVariable(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static std::optional<std::string> parse(const Reply& reply);

private:
    std::string name_;
};

/// Evaluates an expression such as `${NAME}` or any text with such in it (GET FULL VARIABLE).
///
/// Its value is not cut. A variable that is not set and one that is set to nothing both give an
/// empty string; the result is nothing when there is no such channel. Newlines: see GetVariable.
class GetFullVariable {
public:
    static constexpr std::string_view command = "GET FULL VARIABLE";

    explicit GetFullVariable(std::string expression) : expression_(std::move(expression)) {}
    /// Evaluates on the channel of this name instead of on this session's.
    GetFullVariable& channel(std::string name) {
        channel_ = std::move(name);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<std::string> parse(const Reply& reply);

private:
    std::string expression_;
    std::string channel_;
};

/// Sets a channel variable or a dialplan function (SET VARIABLE).
///
/// Asterisk reports success even for a function that it does not have.
class SetVariable {
public:
    static constexpr std::string_view command = "SET VARIABLE";

    /// A name (`RESULT`) or a function call (`CALLERID(name)`), and any bytes but LF, CR, NUL.
    SetVariable(std::string name, std::string value)
        : name_(std::move(name)), value_(std::move(value)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string name_;
    std::string value_;
};

}  // namespace costrix::agi
