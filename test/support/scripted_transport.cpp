// SPDX-License-Identifier: MIT
// A transport without sockets: a test plays Asterisk, byte by byte.
#include "support/scripted_transport.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <algorithm>

namespace costrix::test {

void ScriptedTransport::receive(std::string_view bytes, std::size_t chunk) {
    input_ += bytes;
    chunk_ = chunk;
    deliver();
}

void ScriptedTransport::end(std::error_code error) {
    ended_ = true;
    end_ = error;
    deliver();
}

void ScriptedTransport::limit_writes(std::size_t bytes) {
    room_ = bytes;
    if (bytes > 0 && writer_) {
        asio::post(context_, [writer = std::move(writer_)]() mutable {
            auto& target = *writer;
            target.on_writable({}, std::move(writer));
        });
    }
}

void ScriptedTransport::async_read_some(
    std::span<char> buffer,
    std::shared_ptr<agi::detail::TransportListener> listener
) {
    buffer_ = buffer;
    reader_ = std::move(listener);
    deliver();
}

void ScriptedTransport::deliver() {
    if (!reader_ || (input_.empty() && !ended_ && !closed_))
        return;
    std::error_code error;
    const auto size = std::min({input_.size(), chunk_, buffer_.size()});
    if (closed_)
        error = asio::error::operation_aborted;
    else if (size == 0)
        error = end_;
    else
        std::copy_n(input_.begin(), size, buffer_.begin());
    input_.erase(0, size);
    asio::post(context_, [error, size, reader = std::move(reader_)]() mutable {
        auto& target = *reader;
        target.on_read(error, error ? 0 : size, std::move(reader));
    });
    reader_.reset();
}

std::size_t ScriptedTransport::write_some(std::string_view bytes, std::error_code& error) {
    error = closed_ ? asio::error::bad_descriptor : write_error_;
    if (error)
        return 0;
    const auto taken = std::min(bytes.size(), room_);
    sent_ += bytes.substr(0, taken);
    if (room_ != static_cast<std::size_t>(-1))
        room_ -= taken;
    return taken;
}

void ScriptedTransport::async_wait_writable(std::shared_ptr<agi::detail::TransportListener> listener
) {
    writer_ = std::move(listener);
}

void ScriptedTransport::close() noexcept {
    closed_ = true;
    writer_.reset();
    deliver();
}

}  // namespace costrix::test
