// SPDX-License-Identifier: MIT
// The loops of one server: one for each thread, or one on an executor of the user's.
#pragma once

#include "server/policy.hpp"
#include "server/server_loop.hpp"

#include <asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace costrix::agi::detail {

/// Any thread, run() aside.
class ServerLoops {
public:
    /// On io_contexts of its own.
    explicit ServerLoops(FastAGIServerOptions options);
    ServerLoops(asio::any_io_executor executor, FastAGIServerOptions options);
    ~ServerLoops();
    ServerLoops(const ServerLoops&) = delete;
    ServerLoops& operator=(const ServerLoops&) = delete;

    /// See FastAGIServer::run().
    void run(std::size_t threads);
    void shutdown();
    ServerCounters counters() const;
    std::size_t sessions() const;

    /// The first loop, and the only one on the user's executor.
    const std::shared_ptr<ServerLoop>& first() const noexcept { return first_; }
    Router& router() const noexcept { return first_->routes(); }

private:
    struct Run;

    void add_loops(std::size_t threads);
    void run_loop(std::size_t index);
    void report(std::size_t loop, Counter kind, std::string_view what);

    std::shared_ptr<const Policy> policy_;
    std::vector<std::unique_ptr<asio::io_context>> contexts_;  // none on the user's executor
    std::vector<std::shared_ptr<ServerLoop>> loops_;
    std::shared_ptr<ServerLoop> first_;
    mutable std::mutex mutex_;  // of loops_, which run() adds to, and of what changes all of them
    bool stopping_ = false;
};

/// One line on what became of the calls.
void log_drained(spdlog::logger& logger, const Drained& drained);

}  // namespace costrix::agi::detail
