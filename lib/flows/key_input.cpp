// SPDX-License-Identifier: MIT
// Plays a question and collects its keys, on the call's clock.
#include "flows/key_input.hpp"

#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/playback.hpp>

#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using std::chrono::milliseconds;

bool holds(std::string_view keys, char key) noexcept {
    return keys.find(key) != std::string_view::npos;
}

/// Plays one part until its end or one of `keys`.
asio::awaitable<std::optional<char>>
play_element(AGI& call, const PromptElement& element, const std::string& keys) {
    if (!element.play) {
        StreamFile file(element.text);
        file.escape_digits(keys);
        const auto played = co_await call.execute(file);
        co_return played.key;
    }
    const auto key = co_await element.play(call, keys);
    if (key && !holds(keys, *key))  // an action of its own mind
        co_return std::nullopt;
    co_return key;
}

/// Plays a sound file to its end: each key stops it, and it goes on where it was.
asio::awaitable<std::string>
play_on_through_keys(AGI& call, const std::string& file, const std::string& keys) {
    std::string pressed;
    Samples position;
    for (;;) {
        StreamFile rest(file);
        rest.escape_digits(keys).offset(position);
        const auto played = co_await call.execute(rest);
        if (!played.key)
            co_return pressed;
        pressed += *played.key;
        position = std::max(position, played.endpos);
    }
}

asio::awaitable<std::string>
play_keeping_keys(AGI& call, const Prompt& prompt, const std::string& keys) {
    std::string pressed;
    const std::string none;
    for (const auto& element : prompt.elements()) {
        if (element.play) {
            co_await play_element(call, element, none);
        } else {
            const auto more = co_await play_on_through_keys(call, element.text, keys);
            pressed += more;
        }
    }
    co_return pressed;
}

/// Plays the message and the prompt; a key that interrupts the one skips the other.
asio::awaitable<std::string>
play_question(AGI& call, const Prompt& message, const Prompt& prompt, const KeySink& sink) {
    const auto keys_of = [&sink](const Prompt& what) {
        return what.keys() == Prompt::Keys::keep ? sink.all_keys() : sink.first_keys();
    };
    auto pressed = co_await play_for_keys(call, message, keys_of(message));
    if (message.keys() == Prompt::Keys::skip)
        pressed.clear();
    if (pressed.empty() || prompt.keys() != Prompt::Keys::interrupt) {
        const auto more = co_await play_for_keys(call, prompt, keys_of(prompt));
        if (prompt.keys() != Prompt::Keys::skip)
            pressed += more;
    }
    co_return pressed;
}

/// Gives the keys of the prompt to the sink; what cannot begin an answer is none of it.
KeySink::Next take_early(const std::string& pressed, KeySink& sink) {
    auto state = KeySink::Next::first;
    for (const char key : pressed) {
        if (state == KeySink::Next::first && !holds(sink.first_keys(), key))
            continue;
        const auto next = sink.take(key);
        if (next == KeySink::Next::complete)
            return next;
        state = next == KeySink::Next::ignored ? state : next;
    }
    return state;
}

}  // namespace

asio::awaitable<std::string> play_for_keys(AGI& call, const Prompt& prompt, std::string keys) {
    if (prompt.keys() == Prompt::Keys::keep)
        co_return co_await play_keeping_keys(call, prompt, keys);
    if (prompt.keys() == Prompt::Keys::drop)
        keys.clear();
    for (const auto& element : prompt.elements()) {
        const auto key = co_await play_element(call, element, keys);
        if (key)
            co_return std::string(1, *key);
    }
    co_return std::string();
}

asio::awaitable<bool>
collect(AGI& call, const Prompt& message, const QuestionOptions& question, KeySink& sink) {
    const auto pressed = co_await play_question(call, message, question.prompt, sink);
    const auto begin = call.now();
    const auto end = question.whole ? begin + *question.whole : AGI::Deadline::max();
    auto state = take_early(pressed, sink);
    auto deadline = begin;
    for (;;) {
        if (state == KeySink::Next::complete)
            co_return true;
        if (state != KeySink::Next::ignored) {
            const bool first = state == KeySink::Next::first;
            const auto time = first ? question.first_key : question.next_key;
            deadline = std::min(call.now() + time, end);
        }
        const auto left = std::chrono::ceil<milliseconds>(deadline - call.now());
        if (left <= milliseconds::zero())
            co_return false;
        const auto key = co_await call.execute(WaitForDigit(left));
        if (!key)
            co_return false;
        state = sink.take(*key);
    }
}

asio::awaitable<void>
say_failure(AGI& call, const QuestionOptions& question, const Prompt& message) {
    if (question.message_after_last)
        co_await play_for_keys(call, message, "");
    co_await play_for_keys(call, question.on_failure, "");
}

void check_meanings(
    const char* flow,
    std::initializer_list<std::pair<const char*, std::string_view>> sets
) {
    for (auto one = sets.begin(); one != sets.end(); ++one) {
        for (auto other = std::next(one); other != sets.end(); ++other) {
            const auto both = one->second.find_first_of(other->second);
            if (both != std::string_view::npos)
                throw std::invalid_argument(
                    std::string(flow) + ": the key " + one->second[both] + " is among both " +
                    one->first + " and " + other->first
                );
        }
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
