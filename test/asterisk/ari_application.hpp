// SPDX-License-Identifier: MIT
// ARI: requests, and an application that sends a call back to the dialplan.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace costrix::test {

/// Sends a request such as "POST", "/bridges?type=mixing" to the ARI on that port of 127.0.0.1, and
/// returns the whole response, from "HTTP/1.1 " on. Throws std::runtime_error if nobody listens.
std::string ari_request(std::uint16_t port, const std::string& method, const std::string& resource);

/// An application that Stasis can give calls. The constructor throws std::runtime_error.
class AriApplication {
public:
    /// Registers `name` with the Asterisk at 127.0.0.1, by a websocket, until the destructor.
    AriApplication(std::uint16_t port, const std::string& name);
    ~AriApplication();
    AriApplication(const AriApplication&) = delete;
    AriApplication& operator=(const AriApplication&) = delete;

    /// Sends the next call back to the dialplan as soon as it comes.
    void send_back_a_call();
    /// The arguments of that call, as JSON, once it has been sent back; or what went wrong.
    std::string arguments();

private:
    void take_call();
    /// All that the websocket has brought, until it holds `text`; empty when it ended before.
    std::string read_until(const std::string& text);

    std::uint16_t port_;
    int socket_;
    std::string received_;
    std::string arguments_;
    std::thread thread_;
};

}  // namespace costrix::test
