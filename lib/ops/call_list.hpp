// SPDX-License-Identifier: MIT
// The calls of this moment, for the pages.
#pragma once

#include "ops/call_record.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::ops::detail {

/// A copy of what is known of a call.
struct ListedCall {
    std::string unique_id, channel, caller_id, caller_name, extension, path, route;
    Clock::time_point began;
    Waiting waiting;
};

struct CallList {
    std::vector<ListedCall> calls;
    std::size_t total = 0;               ///< All that run, listed or not.
    std::size_t matches = 0;             ///< Those that the filter lets through.
    std::array<std::size_t, 3> waits{};  ///< Of all, by WaitsFor.
    Clock::duration longest_script_wait{};
};

/// Lists at most `most` calls: first those that wait longest for the script, then those that wait
/// longest for Asterisk. `filter`: a text that one of their names, numbers or paths contains.
///
/// A shard is locked for some microseconds at a time, so that its calls are not held up.
CallList list_calls(const Store& store, std::size_t most, std::string_view filter = {});

/// The same without the calls themselves.
CallList count_calls(const Store& store);

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
