// SPDX-License-Identifier: MIT
// Confirm: a question that is answered by yes or no; and how any question ends.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/question.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// How a question ended.
enum class AnswerEnd : std::uint8_t {
    given,      ///< A valid answer was given.
    silence,    ///< No valid answer; in the last try, no key was pressed.
    invalid,    ///< No valid answer; the last one was wrong.
    cancelled,  ///< The caller pressed a cancel key.
};

std::string_view to_string(AnswerEnd end) noexcept;

/// What became of a Confirm.
struct Confirmed {
    AnswerEnd end = AnswerEnd::silence;  ///< How the question ended.
    bool yes = false;                    ///< True if the answer is yes.

    /// True when the caller said yes.
    explicit operator bool() const noexcept { return end == AnswerEnd::given && yes; }
};

/// A question that one key answers with yes and another one with no.
///
///     agi::Confirm keep("press-1-to-keep-2-to-change");
///     const agi::Confirmed kept = co_await keep.run(call);
///
/// Any other key is a wrong answer; see Question for messages, times and tries.
class Confirm : public Question<Confirm, detail::QuestionOptions> {
public:
    /// A question that a key answers with yes or no.
    explicit Confirm(Prompt prompt) { options_.prompt = std::move(prompt); }
    /// The key for yes; `1` by default.
    Confirm& yes(char key);
    /// The key for no; `2` by default.
    Confirm& no(char key);

    /// Asks. Lifetime, Throws, Cancellation: as Ask::run.
    [[nodiscard]] asio::awaitable<Confirmed> run(AGI& call) const;

private:
    char yes_ = '1';
    char no_ = '2';
};

}  // namespace costrix::inline COSTRIX_ABI::agi
