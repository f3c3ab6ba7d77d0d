// SPDX-License-Identifier: MIT
// How a handler ended, judged in one way by server, scripts and test kit; and how one is cancelled.
#pragma once

#include <asio/cancellation_signal.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace costrix::agi::detail {

enum class HandlerEnd : std::uint8_t {
    returned,
    hung_up,  ///< An AGIHangup left it, or what a hangup made of `&&` and `||`.
    timed_out,
    cancelled,
    failed,
};

/// How a handler ended, and what it threw, in words; empty where that is not worth a line.
struct HandlerVerdict {
    HandlerEnd end;
    std::string what;
};

/// Judges what left a handler; null when it returned. `hung_up`: its call has ended.
HandlerVerdict judge(const std::exception_ptr& error, bool hung_up);

/// True for an error that is a hangup: a normal end.
bool is_hangup(const std::exception_ptr& error, bool hung_up);

/// Cancels (terminal) what a handler awaits now, and nothing that it awaits afterwards.
///
/// By Asio's rule every later co_await of a cancelled coroutine throws without suspending: one that
/// catches everything and tries again would hold up its thread for ever. A signal emitted anew
/// replaces the state of the first one, and a coroutine does not accept `total` unless it says so.
inline void cancel_wait(asio::cancellation_signal& handler) {
    handler.emit(asio::cancellation_type::terminal);
    handler.emit(asio::cancellation_type::total);
}

}  // namespace costrix::agi::detail
