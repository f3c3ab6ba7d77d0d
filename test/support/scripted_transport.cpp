// SPDX-License-Identifier: MIT
// A transport without sockets: a test plays Asterisk, byte by byte.
#include "support/scripted_transport.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <utility>

namespace costrix::test {

void ScriptedTransport::receive(std::string_view bytes, std::size_t chunk) {
    input_ += bytes;
    chunk_ = chunk;
    deliver();
}

void ScriptedTransport::end(error_code error) {
    ended_ = true;
    end_ = error;
    deliver();
}

void ScriptedTransport::limit_writes(std::size_t bytes) {
    room_ = bytes;
    if (bytes > 0 && std::exchange(waits_writable_, false)) {
        asio::post(executor_, [this, owner = owner_] {
            if (!closed_)
                events_->on_writable();
        });
    }
}

void ScriptedTransport::start(agi::detail::TransportEvents& events, std::shared_ptr<void> owner) {
    events_ = &events;
    owner_ = std::move(owner);
    deliver();
}

void ScriptedTransport::deliver() {
    if (!owner_ || delivering_ || (input_.empty() && !ended_))
        return;
    delivering_ = true;
    asio::post(executor_, [this, owner = owner_] {
        delivering_ = false;
        if (!closed_)
            deliver_chunk();
    });
}

void ScriptedTransport::deliver_chunk() {
    if (input_.empty()) {
        events_->on_read(end_, {});
        return;
    }
    const auto owner = owner_;
    const auto bytes = input_.substr(0, chunk_);
    input_.erase(0, bytes.size());
    events_->on_read({}, bytes);
    deliver();
}

std::size_t ScriptedTransport::write_some(std::string_view bytes, error_code& error) {
    error = closed_ ? asio::error::bad_descriptor : write_error_;
    if (error)
        return 0;
    const auto taken = std::min(bytes.size(), room_);
    sent_ += bytes.substr(0, taken);
    if (room_ != static_cast<std::size_t>(-1))
        room_ -= taken;
    return taken;
}

void ScriptedTransport::wait_writable() {
    waits_writable_ = true;
}

void ScriptedTransport::close() noexcept {
    closed_ = true;
    const auto owner = std::move(owner_);
}

}  // namespace costrix::test
