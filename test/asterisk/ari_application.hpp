// SPDX-License-Identifier: MIT
// An ARI application: takes the calls that Stasis gives it, and sends each back to the dialplan.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace costrix::test {

/// Takes one call. The constructor throws std::runtime_error.
class AriApplication {
public:
    /// Registers `name` with the Asterisk at 127.0.0.1, by a websocket.
    AriApplication(std::uint16_t port, const std::string& name);
    ~AriApplication();
    AriApplication(const AriApplication&) = delete;
    AriApplication& operator=(const AriApplication&) = delete;

    /// The arguments of the call that came, as JSON, once it has been sent back; or what went
    /// wrong.
    std::string arguments();

private:
    void take_call();
    void send_back(const std::string& channel) const;
    /// All that the websocket has brought, until it holds `text`; empty when it ended before.
    std::string read_until(const std::string& text);

    std::uint16_t port_;
    int socket_;
    std::string received_;
    std::string arguments_;
    std::thread thread_;
};

}  // namespace costrix::test
