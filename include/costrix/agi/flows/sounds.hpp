// SPDX-License-Identifier: MIT
// Which sounds a flow needs that Asterisk does not have.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/asio.hpp>

#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// Those of `files` that Asterisk cannot play, in their order: sound files as for StreamFile.
///
///     const auto missing = co_await agi::missing_sounds(call, agi::sounds_of(menu));
///
/// Looks in the sounds directory for the call's language, then English, then none, in the formats
/// that Asterisk's packages and recordings have. One round trip for every 10 files or so, with
/// short names; Asterisk evaluates `${STAT(e,…)}` (func_env.so).
/// Throws: AGIUsageError for a name that is no plain file name (letters, digits and `_-./`);
/// AGIAppError when Asterisk cannot evaluate STAT.
/// Cancellation: as for AGI::execute.
[[nodiscard]] asio::awaitable<std::vector<std::string>>
missing_sounds(AGI& call, std::vector<std::string> files);

}  // namespace costrix::inline COSTRIX_ABI::agi
