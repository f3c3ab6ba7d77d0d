// SPDX-License-Identifier: MIT
// One try of a question: plays what is to be heard, and takes keys until there are enough.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/question.hpp>

#include <algorithm>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What makes an answer of keys.
class KeySink {
public:
    /// What a key has done.
    enum class Next : std::uint8_t {
        ignored,   ///< Nothing: the time goes on.
        first,     ///< There are no keys now, and the next one is the first.
        more,      ///< More keys may come.
        complete,  ///< The answer is complete, right or wrong.
    };

    /// The keys that can begin an answer: they cut the prompt short.
    virtual std::string first_keys() const = 0;
    /// The keys that mean anything at all.
    virtual std::string all_keys() const = 0;
    virtual Next take(char key) = 0;

protected:
    ~KeySink() = default;
};

/// Plays a prompt to its end or until one of `keys`; returns the keys pressed that count.
asio::awaitable<std::string> play_for_keys(AGI& call, const Prompt& prompt, std::string keys);

/// Plays `message` and the question's prompt as one, and gives the keys to `sink`.
///
/// True when the answer is complete, false when a time ran out.
asio::awaitable<bool>
collect(AGI& call, const Prompt& message, const QuestionOptions& question, KeySink& sink);

/// Counts the tries of a question.
class Tries {
public:
    explicit Tries(const QuestionOptions& question) noexcept : question_(question) {}

    void add_silence() noexcept { ++silences_; }
    void add_wrong_answer() noexcept { ++wrong_answers_; }
    int silences() const noexcept { return silences_; }
    int wrong_answers() const noexcept { return wrong_answers_; }

    /// True when there is another try.
    bool left() const noexcept {
        const int wrong = std::max(wrong_answers_ - question_.free_wrong_answers, 0);
        return silences_ + wrong < question_.attempts &&
               silences_ < question_.silences.value_or(question_.attempts) &&
               wrong < question_.wrong_answers.value_or(question_.attempts);
    }

private:
    const QuestionOptions& question_;
    int silences_ = 0;
    int wrong_answers_ = 0;
};

/// What is said when there is no try left; `message` is the one for what ended the last.
asio::awaitable<void>
say_failure(AGI& call, const QuestionOptions& question, const Prompt& message);

/// Throws std::invalid_argument when a key is in two of the sets; `names` says which they are.
void check_meanings(
    const char* flow,
    std::initializer_list<std::pair<const char*, std::string_view>> sets
);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
