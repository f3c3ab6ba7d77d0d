// SPDX-License-Identifier: MIT
// The audio connections of an execution context, so that they end with it.
#pragma once

#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <mutex>

namespace costrix::inline COSTRIX_ABI::agi::detail {

using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class RegisteredConnectionTag>>;

/// A connection, as the registry sees it.
class RegisteredConnection : public ConnectionHook {
protected:
    ~RegisteredConnection() = default;

private:
    friend class ConnectionRegistry;
    /// Closes the socket, which owns the connection, and leaves the registry.
    virtual void let_go() noexcept = 0;
};

/// A transport owns its connection until it is closed. Asio tells a service when its context is
/// destroyed; then this breaks the cycle.
class ConnectionRegistry final : public asio::execution_context::service {
public:
    using key_type = ConnectionRegistry;
    static inline asio::execution_context::id id;

    explicit ConnectionRegistry(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    void add(RegisteredConnection& connection) {
        std::lock_guard lock(mutex_);
        connections_.push_back(connection);
    }
    void remove(RegisteredConnection& connection) noexcept {
        std::lock_guard lock(mutex_);
        connections_.erase(connections_.iterator_to(connection));
    }

private:
    void shutdown() override {
        while (RegisteredConnection* const one = first())
            one->let_go();
    }
    RegisteredConnection* first() noexcept {
        std::lock_guard lock(mutex_);
        return connections_.empty() ? nullptr : &connections_.front();
    }

    std::mutex mutex_;  // of what follows
    boost::intrusive::list<RegisteredConnection, boost::intrusive::base_hook<ConnectionHook>>
        connections_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
