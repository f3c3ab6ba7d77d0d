// SPDX-License-Identifier: MIT
// Actions on channel variables: GetVariable, GetFullVariable, GetVariables, SetVariable.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>
#include <costrix/agi/protocol/command_table.hpp>

#include <cstddef>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// Reads a channel variable or a dialplan function (GET VARIABLE).
///
/// Returns `nullopt` for a variable that is not set, and an empty string for one that is set to
/// nothing. Asterisk truncates the value to 1,023 bytes. A value that contains newlines ends at the
/// first line that ends in `)`: the wire does not tell it from the end of the reply.
class GetVariable {
public:
    static constexpr std::string_view command = "GET VARIABLE";

    /// A name (`DIALSTATUS`) or a function call (`CALLERID(num)`), without `${}`. Never build one
    /// from a caller's input: Asterisk runs the function, and `EVAL(…)` and `SHELL(…)` are
    /// functions.
    explicit GetVariable(std::string name) : name_(std::move(name)) {}
    void encode(CommandLine& line) const { line.argument(name_, "name"); }
    static std::optional<std::string> parse(const Reply& reply) {
        return detail::value_if_one(reply);
    }

private:
    std::string name_;
};

/// Evaluates a text with expressions such as `${NAME}` (GET FULL VARIABLE).
///
/// Returns the value, not truncated, or `nullopt` when there is no such channel. A variable that is
/// not set and one that is set to nothing both give an empty string. Newlines: see GetVariable.
///
/// Never put a caller's input into the text: Asterisk runs everything in `${}`, even `${SHELL(…)}`.
/// Refer to a variable that contains the input instead.
class GetFullVariable {
public:
    static constexpr std::string_view command = "GET FULL VARIABLE";

    /// An expression such as `${CALLERID(num)} at ${EXTEN}`.
    explicit GetFullVariable(std::string expression) : expression_(std::move(expression)) {}
    /// Evaluates on the channel of this name; by default, on this session's.
    GetFullVariable& channel(std::string name) {
        channel_ = std::move(name);
        return *this;
    }
    void encode(CommandLine& line) const {
        line.argument(expression_, "expression").optional_argument(channel_, "channel");
    }
    static std::optional<std::string> parse(const Reply& reply) {
        return detail::value_if_one(reply);
    }

private:
    std::string expression_;
    std::string channel_;
};

/// The values that GetVariables returns, in the order of its names.
class VariableValues {
public:
    using Value = std::optional<std::string>;    ///< `nullopt` for a variable that is not set.
    using Item = std::pair<std::string, Value>;  ///< A name and its value.

    VariableValues() = default;
    /// The given names and values, in this order.
    explicit VariableValues(std::vector<Item> items) : items_(std::move(items)) {}

    /// How many variables were asked for.
    std::size_t size() const noexcept { return items_.size(); }
    /// The value at a position, from 0. Throws: std::out_of_range.
    const Value& operator[](std::size_t index) const { return items_.at(index).second; }
    /// The value of a variable. Throws: std::out_of_range for a name that was not requested.
    const Value& operator[](std::string_view name) const;
    /// The first variable; the order is that of the question.
    auto begin() const noexcept { return items_.begin(); }
    auto end() const noexcept { return items_.end(); }  ///< The end of the variables.

private:
    std::vector<Item> items_;
};

/// Reads any number of channel variables exactly, in one round trip (GET FULL VARIABLE).
///
/// Each value is sent with its length, so it is not truncated and may contain newlines, parentheses
/// and lines that look like replies. A name consists of letters, digits and `_`, `-`, `.`, `~`;
/// function calls are not possible. Built-in variables (`CONTEXT`, `EPOCH`) count as set unless
/// they are empty. Asterisk evaluates length and value separately: if another call changes a global
/// variable in between, they disagree, and the reply may never end, so pass a deadline.
/// Throws: AGIUsageError, before anything is sent, for an invalid name, for no names, and when the
/// line is too long for this Asterisk. AGIUnknownError when the lengths do not fit the reply, for
/// instance without func_strings.so.
class GetVariables {
public:
    static constexpr std::string_view command = "GET FULL VARIABLE";
    /// How Asterisk replies; not for use in programs.
    static constexpr CommandTraits traits{.form = ReplyForm::counted, .dead = true};

    /// Names such as `DIALSTATUS`, without `${}`.
    template <class... Names>
    explicit GetVariables(std::string first, Names&&... more) {
        names_.reserve(1 + sizeof...(more));
        names_.push_back(std::move(first));
        (names_.emplace_back(std::forward<Names>(more)), ...);
    }
    /// The variables of these names.
    explicit GetVariables(std::vector<std::string> names) : names_(std::move(names)) {}
    void encode(CommandLine& line) const;
    static VariableValues parse(const Reply& reply);

private:
    std::vector<std::string> names_;
};

/// Sets a channel variable or writes to a dialplan function (SET VARIABLE).
///
/// Asterisk also reports success for a function that does not exist.
class SetVariable {
public:
    static constexpr std::string_view command = "SET VARIABLE";

    /// A name (`RESULT`) or a function call (`CALLERID(name)`), and any bytes but LF, CR and NUL.
    SetVariable(std::string name, std::string value)
        : name_(std::move(name)), value_(std::move(value)) {}
    void encode(CommandLine& line) const { line.argument(name_, "name").argument(value_, "value"); }
    static void parse(const Reply&) {}

private:
    std::string name_;
    std::string value_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
