// SPDX-License-Identifier: MIT
// How a handler ended, judged from the exception that left it; and how a handler is cancelled.
#pragma once

#include <costrix/agi/call_outcome.hpp>
#include <costrix/asio.hpp>

#include <exception>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

// Both are visible outside of a shared library, for the test kit.

/// Judges the exception that left a handler; null when it returned. `hung_up`: its call has ended.
__attribute__((visibility("default"))) CallOutcome
judge(const std::exception_ptr& error, bool hung_up);

/// What an exception says, unescaped.
__attribute__((visibility("default"))) std::string describe(const std::exception_ptr& error);

/// Cancels (terminal) what a handler awaits now, and nothing that it awaits afterwards.
///
/// In Asio every later co_await of a cancelled coroutine throws without suspending, so a handler
/// that catches everything and tries again would block its thread. Emitting a second signal
/// replaces the state of the first, and a coroutine ignores `total` unless it asks for it.
inline void cancel_wait(asio::cancellation_signal& handler) {
    handler.emit(asio::cancellation_type::terminal);
    handler.emit(asio::cancellation_type::total);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
