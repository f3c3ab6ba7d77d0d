// SPDX-License-Identifier: MIT
// What Ask, Menu and their like share: the prompt, messages, times and tries of a question.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/prompt.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

/// A question, whatever its answers are.
struct QuestionOptions {
    Prompt prompt;
    Prompt on_silence, on_invalid, on_failure;
    std::chrono::milliseconds first_key = std::chrono::seconds(6);
    std::chrono::milliseconds next_key = std::chrono::seconds(2);
    std::optional<std::chrono::milliseconds> whole;
    int attempts = 3;
    std::optional<int> silences, wrong_answers;
    int free_wrong_answers = 0;
    bool message_after_last = false;
    std::string ends_with = "#";
};

/// Throws std::invalid_argument, which names `what`, unless `count` is at least `min`.
void check_count(const char* what, int count, int min);
/// The same unless `time` is from 1 ms to 24 days, the longest that Asterisk counts.
void check_time(const char* what, std::chrono::milliseconds time);
/// The same unless `keys` are DTMF keys.
void check_keys(const char* what, const std::string& keys);

}  // namespace detail

/// The setters of a question; `Self` is Ask, Menu and so on.
///
/// A setter throws std::invalid_argument for a value out of its range.
template <class Self, class Options>
class Question {
public:
    /// Played before another try when no key was pressed; nothing by default.
    Self& on_silence(Prompt message) {
        options_.on_silence = std::move(message);
        return self();
    }
    /// Played before another try after a wrong answer; nothing by default.
    Self& on_invalid(Prompt message) {
        options_.on_invalid = std::move(message);
        return self();
    }
    /// Played when there are no tries left; nothing by default.
    Self& on_failure(Prompt message) {
        options_.on_failure = std::move(message);
        return self();
    }
    /// Whether on_silence and on_invalid are played after the last try as well; false by default.
    Self& message_after_last(bool on = true) {
        options_.message_after_last = on;
        return self();
    }
    /// The time to wait for the first key after the prompt; 6 s by default.
    Self& first_key(std::chrono::milliseconds time) {
        detail::check_time("first_key", time);
        options_.first_key = time;
        return self();
    }
    /// The time to wait for each further key; 2 s by default.
    Self& next_key(std::chrono::milliseconds time) {
        detail::check_time("next_key", time);
        options_.next_key = time;
        return self();
    }
    /// The time for the whole answer, from the prompt's end or the key that cut it short; by
    /// default there is no such limit. What was entered by then is the answer.
    Self& whole(std::chrono::milliseconds time) {
        detail::check_time("whole", time);
        options_.whole = time;
        return self();
    }
    /// How often the caller may try, silent or not: at least 1; 3 by default.
    Self& attempts(int count) {
        detail::check_count("attempts", count, 1);
        options_.attempts = count;
        return self();
    }
    /// How many of the tries may be silent; by default all of them.
    Self& silences(int count) {
        detail::check_count("silences", count, 1);
        options_.silences = count;
        return self();
    }
    /// How many of the tries may be wrong answers; by default all of them.
    Self& wrong_answers(int count) {
        detail::check_count("wrong_answers", count, 1);
        options_.wrong_answers = count;
        return self();
    }
    /// The first wrong answers, this many, cost no try; 0 by default.
    Self& free_wrong_answers(int count) {
        detail::check_count("free_wrong_answers", count, 0);
        options_.free_wrong_answers = count;
        return self();
    }
    /// The keys that end the answer; `#` by default, none when empty.
    ///
    /// One that is pressed during the prompt, before any other key, does nothing: it may belong to
    /// the answer before. (Unless the answer may be empty: Ask::digits.)
    Self& ends_with(std::string keys) {
        detail::check_keys("ends_with", keys);
        options_.ends_with = std::move(keys);
        return self();
    }
    /// The same, for one key.
    Self& ends_with(char key) { return ends_with(std::string(1, key)); }

    const Options& options() const noexcept { return options_; }  ///< For the library.

protected:
    Question() = default;
    /// For the library: this object by its own type.
    Self& self() noexcept { return static_cast<Self&>(*this); }

    Options options_;  ///< For the library.
};

}  // namespace costrix::inline COSTRIX_ABI::agi
