// SPDX-License-Identifier: MIT
// The live sessions of an execution context, and the memory of those that have ended.
#include "session/session_registry.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

constexpr std::size_t kMaxSpare = 64;
constexpr std::size_t kMaxCapacity = 1024;

void empty(std::string& text) noexcept {
    if (text.capacity() > kMaxCapacity)
        text = std::string();
    text.clear();
}

}  // namespace

SessionRegistry::SessionRegistry(asio::execution_context& context)
    : asio::execution_context::service(context) {
    spare_.reserve(kMaxSpare);
}

SessionBuffers SessionRegistry::add(RegisteredSession& session) noexcept {
    std::lock_guard lock(mutex_);
    sessions_.push_back(session);
    if (spare_.empty())
        return {};
    auto buffers = std::move(spare_.back());
    spare_.pop_back();
    return buffers;
}

void SessionRegistry::remove(RegisteredSession& session, SessionBuffers&& buffers) noexcept {
    empty(buffers.line);
    empty(buffers.reply);
    std::lock_guard lock(mutex_);
    if (session.is_linked())
        sessions_.erase(sessions_.iterator_to(session));
    if (spare_.size() < kMaxSpare)
        spare_.push_back(std::move(buffers));
}

/// Coroutine frames that are released here are destroyed by the context itself, a little later.
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

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
