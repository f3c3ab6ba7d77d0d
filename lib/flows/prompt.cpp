// SPDX-License-Identifier: MIT
// The parts of a prompt that are more than one action, and how a prompt plays by itself.
#include "flows/key_input.hpp"
#include "protocol/ascii.hpp"

#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/flows/prompt.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

asio::awaitable<std::optional<char>> play_copy(AGI& call, Prompt prompt, std::string keys) {
    const auto pressed = co_await detail::play_for_keys(call, prompt, keys);
    if (pressed.empty())
        co_return std::nullopt;
    co_return pressed.front();
}

/// Waits for `time`, or one of `keys`; other keys do not shorten it. By a command, so that a hangup
/// ends it whatever AGISIGHUP is.
asio::awaitable<std::optional<char>>
wait(AGI& call, std::chrono::milliseconds time, std::string keys) {
    const auto end = call.now() + time;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - call.now());
        if (left <= std::chrono::milliseconds::zero())
            co_return std::nullopt;
        const auto key = co_await call.execute(WaitForDigit(left));
        if (!key || keys.find(*key) != std::string::npos)
            co_return key;
    }
}

}  // namespace

std::vector<std::string> Prompt::sounds() const {
    std::vector<std::string> files;
    for (const auto& element : elements_) {
        if (!element.play)
            files.push_back(element.text);
    }
    return files;
}

asio::awaitable<std::optional<char>> Prompt::play(AGI& call, std::string stop_keys) const {
    return play_copy(call, *this, std::move(stop_keys));
}

Prompt digits(std::string text) {
    const bool only_digits = std::all_of(text.begin(), text.end(), detail::is_digit);
    if (only_digits && !text.empty())
        return SayDigits(std::move(text));
    return SayAlpha(std::move(text));
}

SayDatetime date_and_time(std::chrono::system_clock::time_point when, std::string format) {
    SayDatetime spoken(when);
    spoken.format(std::move(format));
    return spoken;
}

Prompt amount(
    std::int64_t hundredths,
    std::string unit,
    std::string hundredth,
    std::string joint,
    std::string minus
) {
    constexpr std::int64_t kMaxUnits = 2'147'483'647;
    const bool negative = hundredths < 0;
    const auto size = negative ? 0 - static_cast<std::uint64_t>(hundredths)
                               : static_cast<std::uint64_t>(hundredths);
    const auto units = static_cast<std::int64_t>(size / 100);
    const auto rest = static_cast<std::int32_t>(size % 100);
    if (units > kMaxUnits)
        throw std::invalid_argument("amount: more than 2,147,483,647 " + unit);
    Prompt said;
    if (negative)
        said = Prompt(std::move(minus));
    if (units > 0 || rest == 0)
        said = Prompt(said, number(static_cast<std::int32_t>(units)), std::move(unit));
    if (units > 0 && rest > 0 && !joint.empty())
        said = Prompt(said, std::move(joint));
    if (rest > 0)
        said = Prompt(said, number(rest), std::move(hundredth));
    return said;
}

Prompt pause(std::chrono::milliseconds time) {
    return Prompt([time](AGI& call, std::string keys) { return wait(call, time, std::move(keys)); }
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
