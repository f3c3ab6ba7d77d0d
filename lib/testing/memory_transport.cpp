// SPDX-License-Identifier: MIT
// A session's transport in a test: memory in place of a socket.
#include "testing/memory_transport.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>

namespace costrix::testing::detail {

void MemoryTransport::start(std::shared_ptr<agi::detail::TransportListener> listener) {
    listener_ = std::move(listener);
}

void MemoryTransport::deliver(std::string bytes) {
    asio::post(executor_, [this, listener = listener_, bytes = std::move(bytes)] {
        if (listener_)
            listener->on_read({}, bytes);
    });
}

bool MemoryTransport::end() {
    if (std::exchange(ended_, true))
        return false;
    asio::post(executor_, [this, listener = listener_] {
        if (listener_)
            listener->on_read(asio::error::eof, {});
    });
    return true;
}

std::size_t MemoryTransport::write_some(std::string_view bytes, std::error_code& error) {
    if (ended_ || !listener_) {
        error = asio::error::broken_pipe;
        return 0;
    }
    written_ += bytes;
    return bytes.size();
}

void MemoryTransport::close() noexcept {
    const auto let_go = std::move(listener_);
}

}  // namespace costrix::testing::detail
