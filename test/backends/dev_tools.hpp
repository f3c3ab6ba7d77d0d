// SPDX-License-Identifier: MIT
// The connection to a Chromium's DevTools port. Its header has no Boost.Asio: that of Boost 1.74
// and standalone Asio cannot be included in one file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace costrix::test {

/// Throws boost::system::system_error when Chromium does not answer.
class DevTools {
public:
    DevTools();
    ~DevTools();
    DevTools(const DevTools&) = delete;
    DevTools& operator=(const DevTools&) = delete;

    /// Connects to the page that the browser shows; false while it shows none.
    bool connect(std::uint16_t port);
    void send(const std::string& message);
    std::string receive();

private:
    class Connection;

    std::unique_ptr<Connection> connection_;
};

}  // namespace costrix::test
