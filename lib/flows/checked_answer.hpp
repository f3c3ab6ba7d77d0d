// SPDX-License-Identifier: MIT
// One try of an Ask or a Spell, and the question that is asked until an answer passes its checks.
#pragma once

#include "flows/key_input.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/ask.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What a try has brought.
struct Answer {
    std::string text;
    bool silent = false;
    bool cancelled = false;
};

/// One try of a Spell.
asio::awaitable<Answer> spell_once(AGI& call, const AskOptions& spell, const Prompt& message);

/// Asks until there is a valid answer, a cancel key, or no try left.
asio::awaitable<Asked> ask_until_answered(AGI& call, AskOptions ask);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
