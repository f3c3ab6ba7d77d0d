// SPDX-License-Identifier: MIT
// Spell: a question that is answered by a text, spelled on the telephone's keys.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/checked_question.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What became of a Spell.
struct Spelled {
    AnswerEnd end = AnswerEnd::silence;  ///< How the question ended.
    std::string text;  ///< The valid answer, in capitals; empty when there is none.

    /// True when a valid answer was given.
    explicit operator bool() const noexcept { return end == AnswerEnd::given; }
};

/// A question that the caller answers by spelling a text: 2 is A, 22 is B, 222 is C, 2222 is 2.
///
///     agi::Spell name("spell-your-name");
///     name.letters(2, 20).confirm([](const std::string& text) {
///         return agi::Confirm({"you-spelled", agi::letters(text), "press-1-or-2"});
///     });
///     const agi::Spelled spelled = co_await name.run(call);
///
/// 2-9 have their letters, then themselves; 0 is a blank, then 0; 1 is . - _ @ and 1. The same key
/// within next_letter() goes on to its next letter; after it, or with another key, a new letter
/// begins. `*` erases a letter, and leaves the question where there is none. `#` ends the text, and
/// so does the time for the next key, 4 s by default.
class Spell : public CheckedQuestion<Spell> {
public:
    explicit Spell(Prompt prompt);  ///< A question with this prompt.

    /// The least and the most letters: 1 to 1,023; 1 to 40 by default. The text does not end by
    /// itself, since the last letter may change.
    Spell& letters(int min, int max);
    /// How long the same key changes a letter; 1 s by default.
    Spell& next_letter(std::chrono::milliseconds time);
    /// The keys that erase a letter; `*` by default.
    Spell& erases_with(std::string keys);

    /// Asks. Lifetime, Throws, Cancellation: as Ask::run.
    [[nodiscard]] asio::awaitable<Spelled> run(AGI& call) const;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
