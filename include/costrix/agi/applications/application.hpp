// SPDX-License-Identifier: MIT
// What the typed applications share: arguments, options, and a way to run them.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The options of an application: letters, some with a value in parentheses.
class ApplicationOptions {
public:
    /// Adds an option, or replaces the one of this letter.
    void set(char letter);
    void set(char letter, std::string_view value);
    /// As app.c's ast_app_parse_options reads them: a value's brackets, quotes and backslashes are
    /// escaped.
    const std::string& text() const noexcept { return text_; }

private:
    std::vector<std::pair<char, std::string>> options_;
    std::string text_;
};

/// EXEC of an application whose arguments are told apart; an action.
class ApplicationCall {
public:
    static constexpr std::string_view command = Exec::command;

    explicit ApplicationCall(std::string name) : name_(std::move(name)) {}
    /// Appends an argument that is escaped, for AST_STANDARD_APP_ARGS.
    ApplicationCall& argument(std::string_view value);
    /// Appends the last argument that the application knows, which arrives as it is sent.
    ApplicationCall& last_argument(std::string_view value);
    void encode(CommandLine& line) const;
    static Exec::Result parse(const Reply& reply) { return Exec::parse(reply); }

private:
    ApplicationCall& add(std::string_view value, ArgumentList::Reading reading);

    std::string name_;
    std::vector<std::pair<std::string, ArgumentList::Reading>> arguments_;
};

/// A number of seconds as text, with up to three decimals.
std::string in_seconds(std::chrono::milliseconds time);
/// The same in milliseconds.
std::string in_milliseconds(std::chrono::milliseconds time);
/// Texts, separated by `&`.
std::string joined(const std::vector<std::string>& texts);

/// Options by their letters, for those that have no setter; `Self` is the application.
template <class Self>
class WithOptions {
public:
    /// An option without a setter here, by its letter.
    Self& option(char letter) {
        options_.set(letter);
        return self();
    }
    /// The same with a value, whatever it holds.
    Self& option(char letter, std::string_view value) {
        options_.set(letter, value);
        return self();
    }

protected:
    Self& self() noexcept { return static_cast<Self&>(*this); }

    ApplicationOptions options_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
