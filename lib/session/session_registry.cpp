// SPDX-License-Identifier: MIT
// Knows the live sessions of an execution context.
#include "session/session_registry.hpp"

namespace costrix::agi::detail {

void SessionRegistry::add(RegisteredSession& session) noexcept {
    std::lock_guard lock(mutex_);
    sessions_.push_back(session);
}

void SessionRegistry::remove(RegisteredSession& session) noexcept {
    std::lock_guard lock(mutex_);
    if (session.is_linked())
        sessions_.erase(sessions_.iterator_to(session));
}

/// Frames that are let go of here are destroyed by the context itself, a little later.
void SessionRegistry::shutdown() {
    while (true) {
        RegisteredSession* session = nullptr;
        {
            std::lock_guard lock(mutex_);
            if (sessions_.empty())
                return;
            session = &sessions_.front();
        }
        session->let_go();
    }
}

}  // namespace costrix::agi::detail
