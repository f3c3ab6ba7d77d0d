// SPDX-License-Identifier: MIT
// Asks for digits, checks them, and asks again.
#include "flows/checked_answer.hpp"

#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/playback.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

const Prompt kNothing;

/// One answer in the making.
class DigitSink final : public KeySink {
public:
    explicit DigitSink(const AskOptions& ask) : ask_(ask) {}

    std::string first_keys() const override {
        const auto keys = ask_.keys + ask_.cancels + ask_.clears;
        return ask_.min == 0 ? keys + ask_.ends_with : keys;
    }
    std::string all_keys() const override {
        return ask_.keys + ask_.cancels + ask_.clears + ask_.ends_with;
    }
    Next take(char key) override {
        const auto is_one_of = [key](const std::string& keys) {
            return keys.find(key) != keys.npos;
        };
        const bool clears = is_one_of(ask_.clears);
        if (is_one_of(ask_.cancels) || (clears && digits_.empty())) {
            cancelled_ = true;
            return Next::complete;
        }
        if (clears) {
            digits_.clear();
            return Next::first;
        }
        if (is_one_of(ask_.ends_with))
            return Next::complete;
        if (!is_one_of(ask_.keys))
            return Next::ignored;
        digits_ += key;
        const bool ends = ask_.ends_when && ask_.ends_when(digits_);
        return ends || digits_.size() >= ask_.max ? Next::complete : Next::more;
    }

    const std::string& digits() const noexcept { return digits_; }
    bool cancelled() const noexcept { return cancelled_; }

private:
    const AskOptions& ask_;
    std::string digits_;
    bool cancelled_ = false;
};

/// True when GET DATA does exactly the same, in one command.
bool is_one_get_data(const AskOptions& ask, const Prompt& message) {
    const auto& parts = ask.prompt.elements();
    const bool one_file = parts.empty() || (parts.size() == 1 && !parts.front().play);
    auto keys = ask.keys;
    std::sort(keys.begin(), keys.end());
    return one_file && ask.prompt.keys() == Prompt::Keys::interrupt && keys == "*0123456789" &&
           ask.ends_with == "#" && ask.cancels.empty() && ask.clears.empty() && ask.min == 0 &&
           ask.first_key == ask.next_key && !ask.whole && !ask.ends_when &&
           (message.empty() || message.keys() == Prompt::Keys::drop);
}

asio::awaitable<Answer> get_data(AGI& call, const AskOptions& ask, const Prompt& message) {
    co_await play_for_keys(call, message, "");
    const auto& parts = ask.prompt.elements();
    GetData command(parts.empty() ? "" : parts.front().text);
    command.timeout(ask.first_key).max_digits(static_cast<int>(ask.max));
    const auto entered = co_await call.execute(command);
    Answer answer;
    answer.text = entered.digits;
    answer.silent = entered.timed_out && entered.digits.empty();
    co_return answer;
}

asio::awaitable<Answer> try_once(AGI& call, const AskOptions& ask, const Prompt& message) {
    if (ask.next_letter)
        co_return co_await spell_once(call, ask, message);
    if (is_one_get_data(ask, message))
        co_return co_await get_data(call, ask, message);
    DigitSink sink(ask);
    const bool complete = co_await collect(call, message, ask, sink);
    Answer answer;
    answer.text = sink.digits();
    answer.cancelled = sink.cancelled();
    answer.silent = !complete && answer.text.empty();
    co_return answer;
}

asio::awaitable<bool>
passes(AGI& call, const Validator& validator, const std::string& digits, const std::string& hold) {
    if (validator.check)
        co_return validator.check(digits);
    auto work = validator.awaited(digits);
    if (hold.empty())
        co_return co_await call.unless_hung_up(std::move(work));
    const StreamFile prompt(hold);
    const auto checked = co_await call.execute_during(prompt, std::move(work));
    co_return checked.value;
}

/// What is said against an answer before the next try; null when it is valid.
asio::awaitable<const Prompt*>
objection(AGI& call, const AskOptions& ask, const std::string& digits) {
    if (digits.size() < ask.min)
        co_return &ask.on_invalid;
    if (ask.confirm) {
        const Confirm question = ask.confirm(digits);
        const Confirmed confirmed = co_await question.run(call);
        if (!confirmed)
            co_return &kNothing;
    }
    for (const auto& validator : ask.validators) {
        const bool valid = co_await passes(call, validator, digits, ask.while_checking);
        if (!valid)
            co_return validator.message.empty() ? &ask.on_invalid : &validator.message;
    }
    co_return nullptr;
}

Asked ended(AnswerEnd end, const Tries& tries, std::string digits = {}) {
    return {end, std::move(digits), tries.silences(), tries.wrong_answers()};
}

}  // namespace

asio::awaitable<Asked> ask_until_answered(AGI& call, AskOptions ask) {
    Tries tries(ask);
    const Prompt* message = &kNothing;
    for (;;) {
        const Answer answer = co_await try_once(call, ask, *message);
        if (answer.cancelled)
            co_return ended(AnswerEnd::cancelled, tries);
        if (answer.silent) {
            tries.add_silence();
            message = &ask.on_silence;
        } else {
            message = co_await objection(call, ask, answer.text);
            if (message == nullptr)
                co_return ended(AnswerEnd::given, tries, answer.text);
            tries.add_wrong_answer();
        }
        if (!tries.left()) {
            co_await say_failure(call, ask, *message);
            const auto end = answer.silent ? AnswerEnd::silence : AnswerEnd::invalid;
            co_return ended(end, tries);
        }
    }
}

}  // namespace detail

Ask& Ask::digits(int min, int max) {
    detail::check_count("Ask::digits: the least number", min, 0);
    detail::check_count("Ask::digits: the greatest number", max, std::max(min, 1));
    if (max > 1023)
        throw std::invalid_argument("Ask::digits: at most 1,023 digits");
    options_.min = static_cast<std::size_t>(min);
    options_.max = static_cast<std::size_t>(max);
    return *this;
}

Ask& Ask::keys(std::string keys) {
    detail::check_keys("Ask::keys", keys);
    if (keys.empty())
        throw std::invalid_argument("Ask::keys is empty");
    options_.keys = std::move(keys);
    return *this;
}

Ask& Ask::clears_with(std::string keys) {
    detail::check_keys("Ask::clears_with", keys);
    options_.clears = std::move(keys);
    return *this;
}

Ask& Ask::ends_when(std::function<bool(const std::string&)> complete) {
    options_.ends_when = std::move(complete);
    return *this;
}

asio::awaitable<Asked> Ask::run(AGI& call) const {
    detail::check_meanings(
        "Ask",
        {{"keys", options_.keys},
         {"ends_with", options_.ends_with},
         {"cancels_with", options_.cancels},
         {"clears_with", options_.clears}}
    );
    return detail::ask_until_answered(call, options_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
