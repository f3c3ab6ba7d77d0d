// SPDX-License-Identifier: MIT
// Knows the live sessions of an execution context, to let go of coroutines when it is destroyed.
#pragma once

#include <asio/execution_context.hpp>

#include <list>
#include <mutex>

namespace costrix::agi::detail {

class Session;

/// A coroutine that waits for a reply is owned by its session, and the session by that coroutine.
/// Asio tells a service when its context goes; here the circle is cut.
class SessionRegistry final : public asio::execution_context::service {
public:
    using key_type = SessionRegistry;
    using Place = std::list<Session*>::iterator;
    static inline asio::execution_context::id id;

    explicit SessionRegistry(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    Place add(Session& session);
    void remove(Place place);

private:
    void shutdown() override;

    std::mutex mutex_;
    std::list<Session*> sessions_;
};

}  // namespace costrix::agi::detail
