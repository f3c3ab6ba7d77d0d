// SPDX-License-Identifier: MIT
// The transport of a session, or of an audio connection, in a test: memory in place of a socket.
#include "testing/memory_transport.hpp"

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::testing::detail {

void MemoryTransport::start(agi::detail::TransportEvents& events, std::shared_ptr<void> owner) {
    events_ = &events;
    owner_ = std::move(owner);
    if (!early_.empty())
        deliver(std::exchange(early_, {}));
    if (std::exchange(ended_, false))
        end();
}

void MemoryTransport::deliver(std::string bytes) {
    if (!events_)
        early_ += bytes;
    if (!owner_)
        return;
    asio::post(executor_, [this, owner = owner_, bytes = std::move(bytes)] {
        if (owner_)
            events_->on_read({}, bytes);
    });
}

bool MemoryTransport::end() {
    if (std::exchange(ended_, true))
        return false;
    if (!owner_)
        return true;
    asio::post(executor_, [this, owner = owner_] {
        if (owner_)
            events_->on_read(asio::error::eof, {});
    });
    return true;
}

std::size_t MemoryTransport::write_some(std::string_view bytes, error_code& error) {
    if (ended_ || !owner_) {
        error = asio::error::broken_pipe;
        return 0;
    }
    written_ += bytes;
    return bytes.size();
}

void MemoryTransport::close() noexcept {
    const auto owner = std::move(owner_);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
