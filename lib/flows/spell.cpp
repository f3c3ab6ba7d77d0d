// SPDX-License-Identifier: MIT
// Makes a text of keys that are pressed once or several times.
#include "flows/checked_answer.hpp"

#include <costrix/agi/flows/spell.hpp>

#include <array>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

/// What each key stands for, one press after the other (ITU-T E.161).
constexpr std::array<std::string_view, 10>
    kLetters{" 0", ".-_@1", "ABC2", "DEF3", "GHI4", "JKL5", "MNO6", "PQRS7", "TUV8", "WXYZ9"};

/// A text in the making.
class LetterSink final : public KeySink {
public:
    LetterSink(const AGI& call, const AskOptions& spell) : call_(call), spell_(spell) {}

    std::string first_keys() const override { return spell_.keys + spell_.cancels + spell_.clears; }
    std::string all_keys() const override { return first_keys() + spell_.ends_with; }
    Next take(char key) override {
        const auto is_one_of = [key](const std::string& keys) {
            return keys.find(key) != keys.npos;
        };
        const bool erases = is_one_of(spell_.clears);
        if (is_one_of(spell_.cancels) || (erases && text_.empty())) {
            cancelled_ = true;
            return Next::complete;
        }
        if (is_one_of(spell_.ends_with))
            return Next::complete;
        if (!erases && !is_one_of(spell_.keys))
            return Next::ignored;
        if (erases)
            erase();
        else
            add(key);
        return text_.empty() ? Next::first : Next::more;
    }

    const std::string& text() const noexcept { return text_; }
    bool cancelled() const noexcept { return cancelled_; }

private:
    void erase() {
        text_.pop_back();
        last_key_ = '\0';
    }
    void add(char key) {
        const auto letters = kLetters[static_cast<std::size_t>(key - '0')];
        const auto now = call_.now();
        if (key == last_key_ && now - last_time_ <= *spell_.next_letter) {
            press_ = (press_ + 1) % letters.size();
            text_.back() = letters[press_];
        } else if (text_.size() < spell_.max) {
            press_ = 0;
            text_ += letters.front();
        } else {
            return;  // full
        }
        last_key_ = key;
        last_time_ = now;
    }

    const AGI& call_;
    const AskOptions& spell_;
    std::string text_;
    char last_key_ = '\0';
    std::size_t press_ = 0;
    AGI::Deadline last_time_{};
    bool cancelled_ = false;
};

asio::awaitable<Spelled> spell(AGI& call, AskOptions options) {
    auto asked = co_await ask_until_answered(call, std::move(options));
    co_return Spelled{asked.end, std::move(asked.digits)};
}

}  // namespace

asio::awaitable<Answer> spell_once(AGI& call, const AskOptions& options, const Prompt& message) {
    LetterSink sink(call, options);
    const bool complete = co_await collect(call, message, options, sink);
    Answer answer;
    answer.text = sink.text();
    answer.cancelled = sink.cancelled();
    answer.silent = !complete && answer.text.empty();
    co_return answer;
}

}  // namespace detail

Spell::Spell(Prompt prompt) {
    options_.prompt = std::move(prompt);
    options_.max = 40;
    options_.clears = "*";
    options_.next_key = std::chrono::seconds(4);
    options_.next_letter = std::chrono::seconds(1);
}

Spell& Spell::letters(int min, int max) {
    detail::check_count("Spell::letters: the least number", min, 1);
    detail::check_count("Spell::letters: the greatest number", max, min);
    if (max > 1023)
        throw std::invalid_argument("Spell::letters: at most 1,023 letters");
    options_.min = static_cast<std::size_t>(min);
    options_.max = static_cast<std::size_t>(max);
    return *this;
}

Spell& Spell::next_letter(std::chrono::milliseconds time) {
    detail::check_time("next_letter", time);
    options_.next_letter = time;
    return *this;
}

Spell& Spell::erases_with(std::string keys) {
    detail::check_keys("erases_with", keys);
    options_.clears = std::move(keys);
    return *this;
}

asio::awaitable<Spelled> Spell::run(AGI& call) const {
    detail::check_meanings(
        "Spell",
        {{"the letters' keys", options_.keys},
         {"ends_with", options_.ends_with},
         {"cancels_with", options_.cancels},
         {"erases_with", options_.clears}}
    );
    return detail::spell(call, options_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
