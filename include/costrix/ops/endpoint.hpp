// SPDX-License-Identifier: MIT
// Endpoint: a FastAGIServer's metrics, health and live page over HTTP.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>
#include <costrix/ops/metrics.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {
class FastAGIServer;
}

namespace costrix::inline COSTRIX_ABI::ops {

/// The options of an Endpoint.
struct Options {
    /// The IP address to listen on: "127.0.0.1" or "::1" for this host only, "0.0.0.0" or "::" for
    /// all of its addresses. Whoever can connect sees the callers' numbers and names.
    std::string address = "127.0.0.1";
    /// TCP port; 0: the system chooses, see Endpoint::port().
    std::uint16_t port = 9573;
    /// The names by which requests may come (their `Host`), beside "localhost" and IP addresses,
    /// which always may. Without this check, any web site could have its visitors' browsers read
    /// the page (DNS rebinding).
    std::vector<std::string> host_names = {};
    /// Maximum number of connections at once; further ones wait to be accepted.
    std::size_t max_connections = 32;
    /// How long a request may take to arrive, and a response to be taken.
    std::chrono::milliseconds timeout = std::chrono::seconds(5);
};

/// Serves a FastAGIServer's metrics, health and live page over HTTP, from construction on.
///
/// | path | what |
/// | --- | --- |
/// | `/` | a live page for people |
/// | `/metrics` | Prometheus' text format 0.0.4, or OpenMetrics 1.0 if the request accepts it |
/// | `/healthz` | 200 while the process answers |
/// | `/readyz` | 200 while new calls are accepted; 503 while the server is full or drains |
/// | `/calls` | all calls as JSON |
/// | `/state` | what the page shows, as JSON |
///
/// It only reads: nothing can be changed through it, and it answers only GET and HEAD. Each request
/// has a connection of its own. docs/operations.md describes the metrics.
///
/// Thread safety: port() may be called from any thread.
class Endpoint {
public:
    using Options = ops::Options;  ///< The options.

    /// Serves on a thread of its own, so that it answers even while a handler blocks its loop.
    ///
    /// `metrics`: the server's observer, or one of its observers. Lifetime: destroy it before the
    /// server. Throws std::system_error when it cannot listen, and std::invalid_argument for an
    /// address that is not an IP address, for null `metrics` and for no connections.
    Endpoint(
        agi::FastAGIServer& server,
        std::shared_ptr<const Metrics> metrics,
        Options options = {}
    );
    /// The same on an io_context of yours, which must outlive it. Destroy it on a thread that runs
    /// this io_context, or when none does.
    Endpoint(
        asio::io_context& context,
        agi::FastAGIServer& server,
        std::shared_ptr<const Metrics> metrics,
        Options options = {}
    );
    /// Stops listening. Requests that are still under way get no answer.
    ~Endpoint();
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    /// The port it listens on.
    std::uint16_t port() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::ops
