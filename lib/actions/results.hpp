// SPDX-License-Identifier: MIT
// What several actions share in reading a reply's result.
#pragma once

#include <costrix/agi/protocol/reply.hpp>

#include <optional>
#include <string>

namespace costrix::agi::detail {

/// Why a SAY command fails: Asterisk plays one file after the other.
inline constexpr const char* kSoundMissing = "cannot be spoken: a sound file is missing";

/// The key of a result that is a key's code, nothing for 0; throws AGIAppError(what) for -1.
std::optional<char> key_or_failure(const Reply& reply, const char* what);

/// Throws AGIAppError(what) when the result is -1.
void fail_on_minus_one(const Reply& reply, const char* what);

/// The value in parentheses when the result is 1, otherwise nothing.
std::optional<std::string> value_if_one(const Reply& reply);

}  // namespace costrix::agi::detail
