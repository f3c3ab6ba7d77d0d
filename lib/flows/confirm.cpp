// SPDX-License-Identifier: MIT
// Asks for yes or no.
#include "flows/key_input.hpp"

#include <costrix/agi/flows/confirm.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

/// Waits for one of two keys.
class YesOrNo final : public KeySink {
public:
    YesOrNo(char yes, char no, const std::string& ends_with)
        : yes_(yes), no_(no), ends_with_(ends_with) {}

    std::string first_keys() const override { return {yes_, no_}; }
    std::string all_keys() const override { return first_keys(); }
    Next take(char key) override {
        answer_ = key;
        const bool ends = ends_with_.find(key) != std::string::npos;
        return ends && !valid() ? Next::ignored : Next::complete;
    }

    bool valid() const noexcept { return answer_ == yes_ || answer_ == no_; }
    bool yes() const noexcept { return answer_ == yes_; }

private:
    char yes_, no_;
    const std::string& ends_with_;
    char answer_ = '\0';
};

asio::awaitable<Confirmed> confirm(AGI& call, QuestionOptions question, char yes, char no) {
    Tries tries(question);
    const Prompt nothing;
    const Prompt* message = &nothing;
    for (;;) {
        YesOrNo sink(yes, no, question.ends_with);
        const bool answered = co_await collect(call, *message, question, sink);
        if (answered && sink.valid())
            co_return Confirmed{AnswerEnd::given, sink.yes()};
        if (answered)
            tries.add_wrong_answer();
        else
            tries.add_silence();
        message = answered ? &question.on_invalid : &question.on_silence;
        if (!tries.left()) {
            co_await say_failure(call, question, *message);
            co_return Confirmed{answered ? AnswerEnd::invalid : AnswerEnd::silence, false};
        }
    }
}

}  // namespace
}  // namespace detail

Confirm& Confirm::yes(char key) {
    detail::check_keys("Confirm::yes", std::string(1, key));
    yes_ = key;
    return *this;
}

Confirm& Confirm::no(char key) {
    detail::check_keys("Confirm::no", std::string(1, key));
    no_ = key;
    return *this;
}

asio::awaitable<Confirmed> Confirm::run(AGI& call) const {
    detail::check_meanings("Confirm", {{"yes", {&yes_, 1}}, {"no", {&no_, 1}}});
    return detail::confirm(call, options_, yes_, no_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
