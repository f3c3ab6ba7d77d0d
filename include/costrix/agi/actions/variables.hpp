// SPDX-License-Identifier: MIT
// Actions on channel variables: GetVariable, GetFullVariable, GetVariables, SetVariable.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/command_table.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {

/// Reads a channel variable or a dialplan function (GET VARIABLE).
///
/// The result is nothing for a variable that is not set, and an empty string for one that is set
/// to nothing. Asterisk cuts the value after 1,023 bytes. A value with newlines arrives whole
/// unless one of its lines ends in `)`: there the wire is ambiguous, and the value ends.
class GetVariable {
public:
    static constexpr std::string_view command = "GET VARIABLE";

    /// A name (`DIALSTATUS`) or a function call (`CALLERID(num)`), without `${}`. A function runs:
    /// never build one from what a caller can choose, since `EVAL(…)` or `SHELL(…)` is one too.
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
///
/// Asterisk runs whatever stands in `${}`, `${SHELL(…)}` included: never put into the text what a
/// caller can choose. Let it stand in a variable, and name that.
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

/// What GetVariables found, in the order of its names.
class VariableValues {
public:
    using Value = std::optional<std::string>;  ///< Nothing for a variable that is not set.
    using Item = std::pair<std::string, Value>;

    VariableValues() = default;
    explicit VariableValues(std::vector<Item> items) : items_(std::move(items)) {}

    std::size_t size() const noexcept { return items_.size(); }
    /// By place, from 0. Throws: std::out_of_range.
    const Value& operator[](std::size_t index) const { return items_.at(index).second; }
    /// By name. Throws: std::out_of_range for a name that was not asked for.
    const Value& operator[](std::string_view name) const;
    auto begin() const noexcept { return items_.begin(); }
    auto end() const noexcept { return items_.end(); }

private:
    std::vector<Item> items_;
};

/// Reads any number of channel variables exactly, in one round trip (GET FULL VARIABLE).
///
/// Each value comes with its length in front, so newlines, parentheses and lines that look like
/// replies change nothing, and it is not cut. A name is made of letters, digits and `_`, `-`, `.`,
/// `~`: no function calls. What Asterisk makes up (`CONTEXT`, `EPOCH`) counts as set unless it is
/// empty. Asterisk reads length and value one after the other: when another call changes a global
/// variable just then, lengths and values disagree, and the reply may never end; give a deadline.
/// Throws: AGIUsageError, before anything is sent, for another name, for no names, or when the list
/// makes a line that is too long for this Asterisk. AGIUnknownError when the lengths do not fit,
/// as without func_strings.so.
class GetVariables {
public:
    static constexpr std::string_view command = "GET FULL VARIABLE";
    static constexpr CommandTraits traits{.form = ReplyForm::counted, .dead = true};

    /// Names such as `DIALSTATUS`, without `${}`.
    template <class... Names>
    explicit GetVariables(std::string first, Names&&... more) {
        names_.reserve(1 + sizeof...(more));
        names_.push_back(std::move(first));
        (names_.emplace_back(std::forward<Names>(more)), ...);
    }
    explicit GetVariables(std::vector<std::string> names) : names_(std::move(names)) {}
    void encode(CommandLine& line) const;
    static VariableValues parse(const Reply& reply);

private:
    std::vector<std::string> names_;
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
