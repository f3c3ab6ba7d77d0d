// SPDX-License-Identifier: MIT
// The live sessions of an execution context, and the memory of those that have ended.
#pragma once

#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The buffers of a session; empty, but with some capacity.
struct SessionBuffers {
    std::string line, reply;
};

/// A session, as the registry sees it.
class RegisteredSession : public boost::intrusive::list_base_hook<> {
protected:
    ~RegisteredSession() = default;

private:
    friend class SessionRegistry;
    /// Destroys the coroutines that wait, without resuming any: the execution context is being
    /// destroyed.
    virtual void let_go() = 0;
};

/// A coroutine that waits for a reply is owned by its session, and the session by that coroutine.
/// Asio tells a service when its context is destroyed; then this breaks the cycle.
class SessionRegistry final : public asio::execution_context::service {
public:
    using key_type = SessionRegistry;
    static inline asio::execution_context::id id;

    explicit SessionRegistry(asio::execution_context& context);

    /// Adds a session, and returns buffers of one that has ended if there are any.
    SessionBuffers add(RegisteredSession& session) noexcept;
    /// Removes a session if it is here, and takes its buffers.
    void remove(RegisteredSession& session, SessionBuffers&& buffers) noexcept;

private:
    void shutdown() override;

    std::mutex mutex_;  // of what follows
    boost::intrusive::list<RegisteredSession> sessions_;
    std::vector<SessionBuffers> spare_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
