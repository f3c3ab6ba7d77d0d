// SPDX-License-Identifier: MIT
// The W3C's traceparent: which distributed trace a call belongs to.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <optional>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// The parts of `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
///
/// Lifetime: views into the text that was parsed.
struct TraceParent {
    std::string_view trace_id;   ///< 32 hexadecimal digits in lower case, not all zero.
    std::string_view parent_id;  ///< 16 of them: the caller's span.
    bool sampled;                ///< Whether the caller records this trace.
};

/// Parses a traceparent by the rules of W3C Trace Context, level 1; nullopt for anything else.
std::optional<TraceParent> parse_trace_parent(std::string_view text) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
