// SPDX-License-Identifier: MIT
// What the outcome of an operation means: a reply, or an exception of the specification.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/detail/session_interface.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The command line of an outcome, without its LF.
std::string_view command_of(const Outcome& outcome) noexcept;

/// Throws the exception that an outcome stands for; returns if a reply came, whatever it is.
void throw_if_ended(const Outcome& outcome);

/// The same, and throws for every reply but `200 result=…`.
void throw_if_failed(const Outcome& outcome);

/// Throws the AGIHangup with which the call ended.
[[noreturn]] void throw_hangup(const SessionInterface& session);

/// The same outcome as a Reply; throws only if it was cancelled.
Reply to_reply(const Outcome& outcome);

/// Ends a line and returns its text; throws AGIUsageError, which names `command`, if it cannot be
/// sent.
std::string finish(SessionInterface& session, CommandLine&& line, std::string_view command);

/// Destroys a coroutine that keeps retrying after its call has ended and never suspends. It is not
/// a std::exception, because such a loop catches those.
struct Stopped {};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
