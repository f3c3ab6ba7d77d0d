// SPDX-License-Identifier: MIT
// Asterisk's answers to the commands by which a session finds the end of a prompt that it stops.
#pragma once

#include <string>

namespace costrix::test {

/// Answers each of them, as many as there come: the session sends another one if an answer takes
/// too long. Returns the line that follows them.
template <class Peer>
std::string answer_fences(Peer& peer) {
    const std::string fence = "GET FULL VARIABLE \"costrix-fence-";
    auto line = peer.line();
    for (; line.starts_with(fence); line = peer.line()) {
        const auto name = line.find('"') + 1;
        peer.send("200 result=1 (" + line.substr(name, line.size() - 1 - name) + ")\n");
    }
    return line;
}

}  // namespace costrix::test
