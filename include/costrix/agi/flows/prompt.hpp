// SPDX-License-Identifier: MIT
// Prompt: a list of what the caller hears, as one thing that a key can cut short.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/actions/say.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

class Prompt;

namespace detail {

/// The key that a result names, if it names one.
template <class R>
std::optional<char> key_of(const R& result) {
    if constexpr (std::convertible_to<const R&, std::optional<char>>)
        return result;
    else if constexpr (requires { result.key(); })
        return result.key();
    else if constexpr (requires { result.key; })
        return result.key;
    else
        return std::nullopt;
}

/// Executes an action, which `keys` stop if it can be stopped.
template <Action A>
asio::awaitable<std::optional<char>> play_action(AGI& call, A action, std::string keys) {
    if constexpr (requires { action.escape_digits(keys); })
        action.escape_digits(std::move(keys));
    if constexpr (std::is_void_v<ResultOf<A>>) {
        co_await call.execute(action);
        co_return std::nullopt;
    } else {
        const auto result = co_await call.execute(action);
        co_return key_of(result);
    }
}

/// What plays a part of a prompt until one of `keys` is pressed, and returns that key.
using Player = std::function<asio::awaitable<std::optional<char>>(AGI&, std::string keys)>;

/// One part: a sound file, or something that plays.
struct PromptElement {
    std::string text;  ///< The file's name; of another part, what it is.
    Player play;       ///< Empty for a file.
};

template <class F>
concept PlaysUntilKey = std::is_invocable_v<const F&, AGI&, const std::string&>;
template <class F>
concept PlaysToItsEnd = std::is_invocable_v<const F&, AGI&>;
template <class F>
concept PlaysSound = PlaysUntilKey<F> || PlaysToItsEnd<F>;

template <PlaysSound F>
auto invoke_player(const F& f, AGI& call, const std::string& keys) {
    if constexpr (PlaysUntilKey<F>)
        return f(call, keys);
    else
        return f(call);
}

/// `f` is in the prompt, which is in the frame of what awaits this.
template <PlaysSound F>
asio::awaitable<std::optional<char>> play_own(const F& f, AGI& call, std::string keys) {
    auto work = invoke_player(f, call, keys);
    if constexpr (std::is_void_v<typename decltype(work)::value_type>) {
        co_await std::move(work);
        co_return std::nullopt;
    } else {
        const auto result = co_await std::move(work);
        co_return key_of(result);
    }
}

template <class T>
concept PromptSource = std::convertible_to<T, std::string> || Action<T> || PlaysSound<T>;

template <PromptSource T>
PromptElement make_element(T part) {
    if constexpr (std::convertible_to<T, std::string>) {
        return {std::string(std::move(part)), nullptr};
    } else if constexpr (Action<T>) {
        auto text = to_string(part);
        auto play = [part = std::move(part)](AGI& call, std::string keys) {
            return play_action(call, part, std::move(keys));
        };
        return {std::move(text), std::move(play)};
    } else {
        auto play = [part = std::move(part)](AGI& call, std::string keys) {
            return play_own(part, call, std::move(keys));
        };
        return {"a sound of the program's own", std::move(play)};
    }
}

}  // namespace detail

/// One element of a Prompt's list; made from whatever a Prompt is made from.
class PromptPart {
public:
    /// One part: a file's name, a number, an action.
    template <detail::PromptSource T>
    PromptPart(T part) : elements_{detail::make_element(std::move(part))} {}
    PromptPart(const Prompt& prompt);  ///< All parts of another prompt.

    /// For the library.
    const std::vector<detail::PromptElement>& elements() const noexcept { return elements_; }

private:
    std::vector<detail::PromptElement> elements_;
};

/// What the caller hears: sound files, numbers, dates, other prompts, any action, in order.
///
///     agi::Prompt inbox{"vm-youhave", agi::number(3), "vm-messages"};
///
/// A part is
/// - the name of a sound file, as for StreamFile;
/// - what number(), digits(), letters(), phonetic(), date(), time_of_day(), date_and_time(),
///   amount() and pause() make;
/// - any action: its escape digits are set by the prompt, and a key in its result counts;
/// - a function `(AGI&, std::string keys)` that makes sound of its own, by talk() say, until one of
///   `keys`, and returns an awaitable of that key: std::optional<char>, or a result with a key;
/// - a function `(AGI&)` that makes sound of its own and returns an awaitable; it plays to its end.
///
/// The first key ends all the parts that are left. Nothing is awaited between two parts: Asterisk
/// drops a key that is pressed while no command runs, so the gap is one turn of the event loop.
class Prompt {
public:
    /// What becomes of a key that is pressed while the prompt plays.
    enum class Keys : std::uint8_t {
        interrupt,  ///< It ends the prompt, and is the first key of the answer.
        skip,       ///< It ends the prompt, and is lost: for a message before a further try.
        keep,       ///< The prompt plays to its end; the key counts for the answer. (Only in sound
                    ///< files: Asterisk cannot resume what it speaks, and drops keys there.)
        drop,       ///< The prompt plays to its end, and the key is lost.
    };

    /// Silence.
    Prompt() = default;
    template <detail::PromptSource T>
    Prompt(T part) : elements_{detail::make_element(std::move(part))} {}  ///< A prompt of one part.
    /// Parts that play one after the other.
    Prompt(std::initializer_list<PromptPart> parts) {
        for (const auto& part : parts)
            add(part);
    }
    /// Parts that play one after the other.
    template <class First, class Second, class... More>
    requires std::constructible_from<PromptPart, First> &&
        std::constructible_from<PromptPart, Second>
        Prompt(First first, Second second, More... more) {
        add(PromptPart(std::move(first)));
        add(PromptPart(std::move(second)));
        (add(PromptPart(std::move(more))), ...);
    }

    /// What keys do while it plays; by default they interrupt it.
    Prompt& keys(Keys what) & noexcept {
        keys_ = what;
        return *this;
    }
    /// The same, for a temporary.
    Prompt&& keys(Keys what) && noexcept {
        keys_ = what;
        return std::move(*this);
    }
    Keys keys() const noexcept { return keys_; }  ///< What keys do while it plays.

    bool empty() const noexcept { return elements_.empty(); }  ///< True if it has no part.
    /// For the library.
    const std::vector<detail::PromptElement>& elements() const noexcept { return elements_; }
    /// The names of the sound files in it, in order.
    std::vector<std::string> sounds() const;

    /// Plays it, by itself, until its end or one of `stop_keys`; returns that key.
    ///
    /// Throws: what the parts throw, such as AGIAppError for a missing file, and AGIHangup.
    /// Cancellation: as for the parts; no further part is played.
    [[nodiscard]] asio::awaitable<std::optional<char>>
    play(AGI& call, std::string stop_keys = "") const;

private:
    void add(const PromptPart& part) {
        elements_.insert(elements_.end(), part.elements().begin(), part.elements().end());
    }

    std::vector<detail::PromptElement> elements_;
    Keys keys_ = Keys::interrupt;
};

inline PromptPart::PromptPart(const Prompt& prompt) : elements_(prompt.elements()) {}

/// Speaks a number, "one hundred and five".
inline SayNumber number(std::int32_t value) {
    return SayNumber(value);
}
/// Speaks digits one by one, "one zero five". What is no digit is spelled.
Prompt digits(std::string text);
/// Spells a text.
inline SayAlpha letters(std::string text) {
    return SayAlpha(std::move(text));
}
/// Spells a text in the phonetic alphabet.
inline SayPhonetic phonetic(std::string text) {
    return SayPhonetic(std::move(text));
}
/// Speaks a date.
inline SayDate date(std::chrono::system_clock::time_point when) {
    return SayDate(when);
}
/// Speaks the time of day.
inline SayTime time_of_day(std::chrono::system_clock::time_point when) {
    return SayTime(when);
}
/// Speaks a date and a time, in a format of voicemail.conf (Asterisk's default when empty).
SayDatetime date_and_time(std::chrono::system_clock::time_point when, std::string format = "");
/// Speaks an amount in units and hundredths: amount(1250, "euros", "cents") is 12 euros 50 cents.
///
/// `unit`, `hundredth` and, if it is not empty, `joint` between the two are sound files. A part
/// that is zero is left out, unless both are; `minus` is played before a negative amount.
Prompt amount(
    std::int64_t hundredths,
    std::string unit,
    std::string hundredth,
    std::string joint = "",
    std::string minus = "digits/minus"
);
/// Silence of this length, which a key ends.
Prompt pause(std::chrono::milliseconds time);

}  // namespace costrix::inline COSTRIX_ABI::agi
