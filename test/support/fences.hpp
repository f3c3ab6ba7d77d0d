// SPDX-License-Identifier: MIT
// Asterisk's answers to the commands by which a session finds the end of a prompt that it stops.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace costrix::test {

/// Answers these commands, one or as many as the session sends because an answer takes too long,
/// and before the first one the prompt itself. Returns the line that follows them.
template <class Peer>
std::string answer_fences(Peer& peer, std::string_view reply_of_the_prompt = {}) {
    const std::string fence = "GET FULL VARIABLE \"costrix-fence-";
    auto line = peer.line();
    EXPECT_TRUE(line.starts_with(fence)) << line;
    std::string reply(reply_of_the_prompt);
    for (; line.starts_with(fence); line = peer.line()) {
        const auto name = line.find('"') + 1;
        reply.append("200 result=1 (").append(line, name, line.size() - 1 - name).append(")\n");
        peer.send(reply);
        reply.clear();
    }
    return line;
}

}  // namespace costrix::test
