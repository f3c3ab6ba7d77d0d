// SPDX-License-Identifier: MIT
// What a command means for audio that goes on while commands run.
#include "audio/command_effect.hpp"

#include "protocol/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Music on hold keeps the channel fed while it plays.
constexpr std::array<std::string_view, 9> kPrompts{
    "stream file",
    "control stream file",
    "get data",
    "get option",
    "say ",
    "record file",
    "speech recognize",
    "set music off",
    "set music \"off"};

constexpr std::array<std::string_view, 14> kSilentApplications{
    "gotoif",
    "log",
    "mset",
    "noop",
    "originate",
    "playtones",
    "senddtmf",
    "sendtext",
    "set",
    "stopplaytones",
    "userevent",
    "verbose",
    "wait",
    "waitexten"};

constexpr std::array<std::string_view, 23> kConnectingApplications{
    "agentrequest", "attendedtransfer", "blindtransfer", "bridge",    "bridgeadd",
    "bridgewait",   "confbridge",       "dial",          "directory", "disa",
    "followme",     "meetme",           "page",          "park",      "parkandannounce",
    "parkedcall",   "pickup",           "pickupchan",    "queue",     "retrydial",
    "stasis",       "transfer",         "unpark"};

/// The application of an EXEC: the next word, perhaps in quotes.
std::string_view first_word(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \""), text.size()));
    return text.substr(0, text.find_first_of(" \"\r\n"));
}

template <std::size_t Size>
bool has(const std::array<std::string_view, Size>& names, std::string_view name) noexcept {
    const auto same = [name](std::string_view one) { return equal_ignoring_case(one, name); };
    return std::any_of(names.begin(), names.end(), same);
}

}  // namespace

CommandEffect effect_of(std::string_view line) noexcept {
    if (starts_with_ignoring_case(line, "exec ")) {
        const auto application = first_word(line.substr(5));
        if (has(kConnectingApplications, application))
            return CommandEffect::connects;
        return has(kSilentApplications, application) ? CommandEffect::none : CommandEffect::other;
    }
    if (starts_with_ignoring_case(line, "gosub "))
        return CommandEffect::other;
    const auto begins = [line](std::string_view start) {
        return starts_with_ignoring_case(line, start);
    };
    const bool prompt = std::any_of(kPrompts.begin(), kPrompts.end(), begins);
    return prompt ? CommandEffect::prompt : CommandEffect::none;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
