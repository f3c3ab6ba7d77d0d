// SPDX-License-Identifier: MIT
// Finds the parts of a reply in its text.
#include <costrix/agi/protocol/reply.hpp>

#include <charconv>

namespace costrix::agi {
namespace {

constexpr std::string_view kResult = "result=";
constexpr std::size_t kCodeWidth = 4;  // three digits and a blank

std::optional<std::int64_t> to_number(std::string_view text) noexcept {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return std::nullopt;
    return value;
}

}  // namespace

Reply::Reply(int code, std::string text)
    : text_(std::move(text)), code_(code), status_(ReplyStatus::received) {}

Reply::Reply(ReplyStatus status, std::string why) : text_(std::move(why)), status_(status) {}

bool Reply::has_result() const noexcept {
    return text().size() >= kCodeWidth + kResult.size() &&
           text().substr(kCodeWidth, kResult.size()) == kResult;
}

std::string_view Reply::result() const noexcept {
    if (!has_result())
        return {};
    const auto after = text().substr(kCodeWidth + kResult.size());
    return after.substr(0, after.find(' '));
}

std::optional<std::int64_t> Reply::number() const noexcept {
    return to_number(result());
}

std::string_view Reply::rest() const noexcept {
    if (!has_result())
        return {};
    const auto after = text().substr(kCodeWidth + kResult.size());
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
    if (const auto close = all.rfind(')'); close != std::string_view::npos)
        all.remove_prefix(close + 1);
    constexpr std::string_view key = "endpos=";
    const auto at = all.find(key);
    if (at == std::string_view::npos)
        return std::nullopt;
    all.remove_prefix(at + key.size());
    return to_number(all.substr(0, all.find(' ')));
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

}  // namespace costrix::agi
