// SPDX-License-Identifier: MIT
// Finds the parts of a reply in its text.
#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/reply.hpp>

#include <system_error>

#include <charconv>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::to_number;

constexpr std::size_t kCodeWidth = 4;  // three digits and a blank
constexpr std::string_view kResult = "result=";

/// What follows `result=`; empty when there is no result.
std::string_view after_result(const Reply& reply) noexcept {
    return reply.has_result() ? reply.text().substr(kCodeWidth + kResult.size())
                              : std::string_view();
}

}  // namespace

Reply::Reply(int code, std::string text)
    : text_(std::move(text)), code_(code), status_(ReplyStatus::received) {}

Reply::Reply(ReplyStatus status, std::string why) : text_(std::move(why)), status_(status) {}

bool Reply::has_result() const noexcept {
    return text_.size() > kCodeWidth && detail::begins_with(text().substr(kCodeWidth), kResult);
}

std::string_view Reply::result() const noexcept {
    const auto after = after_result(*this);
    return after.substr(0, after.find(' '));
}

/// result() is not searched for its end first: a number ends there by itself.
std::optional<std::int64_t> Reply::number() const noexcept {
    const auto after = after_result(*this);
    const char* const end = after.data() + after.size();
    std::int64_t number{};
    const auto [stop, error] = std::from_chars(after.data(), end, number);
    const bool whole = error == std::errc{} && (stop == end || *stop == ' ');
    return whole ? std::optional(number) : std::nullopt;
}

std::string_view Reply::rest() const noexcept {
    const auto after = after_result(*this);
    const auto blank = after.find(' ');
    return blank == std::string_view::npos ? std::string_view() : after.substr(blank + 1);
}

std::optional<std::string_view> Reply::value() const noexcept {
    const auto all = rest();
    const auto open = all.find('('), close = all.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    return all.substr(open + 1, close - open - 1);
}

std::optional<std::int64_t> Reply::endpos() const noexcept {
    auto all = rest();
    all.remove_prefix(all.rfind(')') + 1);  // everything is kept where there is no parenthesis
    constexpr std::string_view key = "endpos=";
    const auto at = all.find(key);
    if (at == std::string_view::npos)
        return std::nullopt;
    all.remove_prefix(at + key.size());
    return to_number<std::int64_t>(all.substr(0, all.find(' ')));
}

std::string_view Reply::usage() const noexcept {
    const auto first = text().find('\n'), last = text().rfind('\n');
    if (code_ != 520 || first == std::string_view::npos || first == last)
        return {};
    return text().substr(first + 1, last - first - 1);
}

std::map<std::string, std::string> Reply::items() const {
    std::map<std::string, std::string> found;
    if (!has_result())
        return found;
    found.emplace("result", result());
    if (const auto inside = value())
        found.emplace("value", *inside);
    if (const auto position = endpos())
        found.emplace("endpos", std::to_string(*position));
    return found;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
