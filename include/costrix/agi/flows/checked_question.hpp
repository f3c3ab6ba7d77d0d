// SPDX-License-Identifier: MIT
// What Ask and Spell share: keys that cancel, checks of the answer, a confirmation.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/confirm.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

/// A test of an answer, and what is said when it fails.
struct Validator {
    std::function<bool(const std::string&)> check;
    std::function<asio::awaitable<bool>(const std::string&)> awaited;
    Prompt message;
};

struct AskOptions : QuestionOptions {
    std::size_t min = 1;
    std::size_t max = 1023;
    std::string keys = "0123456789";
    std::string cancels;
    std::string clears;
    std::function<bool(const std::string&)> ends_when;
    std::vector<Validator> validators;
    std::string while_checking;
    std::function<Confirm(const std::string&)> confirm;
    std::optional<std::chrono::milliseconds> next_letter;  ///< Of a Spell only.
};

template <class F>
concept SyncCheck = std::is_invocable_r_v<bool, F&, const std::string&>;
template <class F>
concept AwaitedCheck = std::is_invocable_r_v<asio::awaitable<bool>, F&, const std::string&>;

}  // namespace detail

/// The setters of a question whose answer is checked; `Self` is Ask or Spell.
template <class Self>
class CheckedQuestion : public Question<Self, detail::AskOptions> {
public:
    /// Keys that leave the question at once.
    Self& cancels_with(std::string keys) {
        detail::check_keys("cancels_with", keys);
        this->options_.cancels = std::move(keys);
        return this->self();
    }
    /// The same, for one key.
    Self& cancels_with(char key) { return cancels_with(std::string(1, key)); }
    /// Accepts an answer only if `check(answer)` is true.
    ///
    /// `check` takes std::string, const std::string& or std::string_view, and returns bool or
    /// asio::awaitable<bool>. Several are asked in order until one says no. `message` is played
    /// instead of on_invalid before the next try. Work that is awaited is cancelled when the
    /// caller hangs up.
    template <class F>
    requires(detail::AwaitedCheck<F> || detail::SyncCheck<F>)
        Self& accept(F check, Prompt message = {}) {
        detail::Validator validator;
        if constexpr (detail::AwaitedCheck<F>)
            validator.awaited = std::move(check);
        else
            validator.check = std::move(check);
        validator.message = std::move(message);
        this->options_.validators.push_back(std::move(validator));
        return this->self();
    }
    /// A sound file that plays while a check is awaited, and stops with it.
    Self& while_checking(std::string file) {
        this->options_.while_checking = std::move(file);
        return this->self();
    }
    /// Asks the caller to confirm an answer before it is checked: `question(digits)` makes the
    /// Confirm.
    ///
    /// "No" is a wrong answer without a message. So is a Confirm that is not answered.
    Self& confirm(std::function<Confirm(const std::string&)> question) {
        this->options_.confirm = std::move(question);
        return this->self();
    }

protected:
    CheckedQuestion() = default;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
