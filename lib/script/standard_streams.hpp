// SPDX-License-Identifier: MIT
// Standard input and output, kept for the protocol alone.
#pragma once

#include "transport/descriptor.hpp"

namespace costrix::agi::detail {

/// The descriptors of the conversation with Asterisk.
struct StandardStreams {
    Descriptor input;
    Descriptor output;
};

/// Moves standard input and output to private descriptors, which children do not inherit.
///
/// From then on descriptor 0 is empty and what is written to descriptor 1 goes to standard error:
/// nothing that a handler, a library or a child prints gets among the commands, not even what a
/// buffer holds until the process exits. That is why this is not undone.
/// Throws std::system_error when one of them is closed.
StandardStreams take_standard_streams();

/// The same for any one descriptor, which becomes empty; the private one is its result.
Descriptor take_descriptor(int descriptor);

}  // namespace costrix::agi::detail
