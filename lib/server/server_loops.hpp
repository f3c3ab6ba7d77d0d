// SPDX-License-Identifier: MIT
// The loops of one server: one for each thread, or one on an executor of the user's.
#pragma once

#include "router/shared_handler.hpp"
#include "server/policy.hpp"
#include "server/server_loop.hpp"

#include <asio/io_context.hpp>
#include <boost/regex_fwd.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
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

    /// Registers a handler in each loop, all of which call the same one.
    template <class Pattern>
    void register_handler(const Pattern& pattern, ScriptHandler handler) {
        Handler shared, replaced;
        if (handler)
            shared = std::make_shared<const ScriptHandler>(std::move(handler));
        std::lock_guard lock(mutex_);
        for (const auto& loop : loops_) {
            loop->handlers().register_script_handler(
                pattern, shared ? shared_handler(shared) : ScriptHandler()
            );
        }
        replaced = keep(key_of(pattern), std::move(shared));
    }

    /// True when it was there.
    template <class Pattern>
    bool unregister_handler(const Pattern& pattern) {
        Handler removed;
        std::lock_guard lock(mutex_);
        for (const auto& loop : loops_)
            loop->handlers().unregister_script_handler(pattern);
        removed = keep(key_of(pattern), nullptr);
        return removed != nullptr;
    }

    void clear_handlers();

private:
    struct Run;
    using Handler = std::shared_ptr<const ScriptHandler>;
    using Key = std::optional<std::string>;  // a pattern, or nothing for the default handler

    static Key key_of(const Key& pattern) { return pattern; }
    static Key key_of(std::string_view pattern) { return std::string(pattern); }
    static Key key_of(const boost::regex& pattern);
    Handler keep(Key key, Handler handler);

    void add_loops(std::size_t threads);
    void run_loop(std::size_t index);
    void report(std::size_t loop, Counter kind, std::string_view what);

    std::shared_ptr<const Policy> policy_;
    std::vector<std::unique_ptr<asio::io_context>> contexts_;  // none on the user's executor
    std::vector<std::shared_ptr<ServerLoop>> loops_;
    std::shared_ptr<ServerLoop> first_;
    mutable std::mutex mutex_;  // of loops_, which run() adds to, and of what changes all of them
    // What the loops' routers call. A handler is destroyed when it is gone from here, which is
    // after the lock: it may have anything in it, and use the server.
    std::map<Key, Handler> handlers_;
    bool stopping_ = false;
};

/// One line on what became of the calls.
void log_drained(spdlog::logger& logger, const Drained& drained);

}  // namespace costrix::agi::detail
