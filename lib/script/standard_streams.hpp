// SPDX-License-Identifier: MIT
// Standard input and output, reserved for the protocol, and standard error for people.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/config.hpp>

#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Writes one line to standard error, which begins with the program's name. Uses neither iostreams
/// nor a logger: they would slow down the start of every script.
void say(std::string_view what) noexcept;

/// The descriptors of the conversation with Asterisk.
struct StandardStreams {
    Descriptor input;
    Descriptor output;
};

/// Moves standard input and output to private descriptors, which children do not inherit.
///
/// From then on descriptor 0 is empty, and output to descriptor 1 goes to standard error: nothing
/// that a handler, a library or a child prints gets between the commands, not even text that stays
/// in a buffer until the process exits. That is why this is never undone.
/// Throws std::system_error when one of them is closed.
StandardStreams take_standard_streams();

/// Does the same for one descriptor: makes it empty, and returns the private one.
Descriptor take_descriptor(int descriptor);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
