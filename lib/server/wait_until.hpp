// SPDX-License-Identifier: MIT
// How a server's loop waits: for an event, and for a time limit.
#pragma once

#include <costrix/agi/detail/operation.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// When a time limit that begins now is over.
inline Deadline end_of(const std::optional<std::chrono::milliseconds>& limit) noexcept {
    return limit ? after(std::chrono::steady_clock::now(), *limit) : Deadline::max();
}

/// Waits until `event` is cancelled, or until `time`; true when the coroutine was cancelled
/// instead.
inline asio::awaitable<bool> wait_until(asio::steady_timer& event, Deadline time) {
    event.expires_at(time);
    co_await event.async_wait(as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
