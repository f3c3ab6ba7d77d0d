// SPDX-License-Identifier: MIT
// The speech engine of conf/aeap.conf: it hears what a test says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace costrix::test {

/// A server of the Asterisk External Application Protocol, which res_speech_aeap speaks.
class SpeechEngine {
public:
    /// On this loopback port. Each of the caller's recognitions gives the next of `heard`, a JSON
    /// array of results, a moment after its first audio; those that are over hear nothing.
    explicit SpeechEngine(std::uint16_t port, std::vector<std::string> heard = {});
    ~SpeechEngine();
    SpeechEngine(const SpeechEngine&) = delete;
    SpeechEngine& operator=(const SpeechEngine&) = delete;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

}  // namespace costrix::test
