// SPDX-License-Identifier: MIT
// Knows the live sessions of an execution context, to let go of coroutines when it is destroyed.
#pragma once

#include <asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <mutex>

namespace costrix::agi::detail {

/// What of a session the registry knows.
class RegisteredSession : public boost::intrusive::list_base_hook<> {
protected:
    ~RegisteredSession() = default;

private:
    friend class SessionRegistry;
    /// Drops whoever waits, without resuming anybody: the execution context is being destroyed.
    virtual void let_go() = 0;
};

/// A coroutine that waits for a reply is owned by its session, and the session by that coroutine.
/// Asio tells a service when its context goes; here the circle is cut.
class SessionRegistry final : public asio::execution_context::service {
public:
    using key_type = SessionRegistry;
    static inline asio::execution_context::id id;

    explicit SessionRegistry(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    void add(RegisteredSession& session) noexcept;
    /// Does nothing for one that was not added, or is removed already.
    void remove(RegisteredSession& session) noexcept;

private:
    void shutdown() override;

    std::mutex mutex_;
    boost::intrusive::list<RegisteredSession> sessions_;
};

}  // namespace costrix::agi::detail
