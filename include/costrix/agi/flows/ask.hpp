// SPDX-License-Identifier: MIT
// Ask: a question that is answered by digits.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/checked_question.hpp>

#include <functional>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What became of an Ask.
struct Asked {
    AnswerEnd end = AnswerEnd::silence;  ///< How the question ended.
    std::string digits;                  ///< The valid answer; empty when there is none.
    int silences = 0;                    ///< How many tries were silent.
    int wrong_answers = 0;               ///< How many answers were wrong.

    /// True when a valid answer was given.
    explicit operator bool() const noexcept { return end == AnswerEnd::given; }
};

/// A question that the caller answers with digits: asks, checks, asks again.
///
///     agi::Ask pin("enter-pin");
///     pin.digits(4).attempts(3).on_silence("please-enter").on_invalid("wrong-pin")
///        .accept([&](std::string_view digits) { return database.check(digits); });
///     const agi::Asked given = co_await pin.run(call);
///
/// A try plays the message of the try before, if any, and the prompt, as one: the first key cuts
/// short all that is left of both. Each try begins with no keys. The answer ends with the last
/// possible digit, an end key, or the time. Keys that are none of digits, end keys and cancel keys
/// do nothing. An answer that is too short is a wrong answer.
class Ask : public CheckedQuestion<Ask> {
public:
    /// A question with this prompt; silent if it is empty.
    explicit Ask(Prompt prompt = {}) { options_.prompt = std::move(prompt); }

    /// The exact number of digits: 1 to 1,023.
    Ask& digits(int count) { return digits(count, count); }
    /// The least and the most digits: 0 to 1,023; 1 to 1,023 by default. With 0, an end key alone
    /// is an answer; silence is none.
    Ask& digits(int min, int max);
    /// The keys that count as digits; 0-9 by default.
    Ask& keys(std::string keys);
    /// Keys that take back what was entered; where nothing was, they leave the question.
    Ask& clears_with(std::string keys);
    /// The same, for one key.
    Ask& clears_with(char key) { return clears_with(std::string(1, key)); }

    /// Ends the answer as soon as `complete(digits)` is true, as if an end key were pressed.
    Ask& ends_when(std::function<bool(const std::string& digits)> complete);

    /// Asks until there is a valid answer, a cancel key, or no try left.
    ///
    /// Lifetime: works on a copy of this object, made at once.
    /// Throws: immediately std::invalid_argument when a key has two meanings. When awaited: what
    /// the checks throw; AGIAppError for a missing sound file; AGIHangup. A caller who does not
    /// answer is a result, not an exception.
    /// Cancellation: as for AGI::execute; what plays stops, and so does a check that is awaited.
    [[nodiscard]] asio::awaitable<Asked> run(AGI& call) const;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
