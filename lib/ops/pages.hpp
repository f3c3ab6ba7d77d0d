// SPDX-License-Identifier: MIT
// What the endpoint's paths show, each written from the store and the server's counters.
#pragma once

#include "ops/exposition.hpp"
#include "ops/store.hpp"

#include <costrix/agi/server_counters.hpp>

#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

/// Whether new calls are taken.
enum class Readiness : std::uint8_t { accepting, full, draining };

/// Full: not one of the event loops accepts calls. While one does, the system gives it the new
/// connections, and none is refused.
Readiness readiness(const Store& store, const agi::ServerCounters& counters) noexcept;
std::string_view to_string(Readiness readiness) noexcept;

/// `/metrics`.
std::string
metrics_page(const Store& store, const agi::ServerCounters& counters, TextFormat format);

/// `/state`, with those calls that wait longest.
std::string
state_page(const Store& store, const agi::ServerCounters& counters, std::string_view filter);

/// `/calls`, all of them.
std::string calls_page(const Store& store);

/// `/`. Its scripts carry the nonce that the Content-Security-Policy allows.
std::string live_page(std::string_view nonce);

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
