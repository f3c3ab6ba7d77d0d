// SPDX-License-Identifier: MIT
// Knows the live sessions of an execution context.
#include "session/session_registry.hpp"

#include "session/session.hpp"

namespace costrix::agi::detail {

SessionRegistry::Place SessionRegistry::add(Session& session) {
    std::lock_guard lock(mutex_);
    return sessions_.insert(sessions_.end(), &session);
}

void SessionRegistry::remove(Place place) {
    std::lock_guard lock(mutex_);
    sessions_.erase(place);
}

/// Frames that are let go of here are destroyed by the context itself, a little later.
void SessionRegistry::shutdown() {
    while (true) {
        Session* session = nullptr;
        {
            std::lock_guard lock(mutex_);
            if (sessions_.empty())
                return;
            session = sessions_.front();
        }
        session->let_go();
    }
}

}  // namespace costrix::agi::detail
