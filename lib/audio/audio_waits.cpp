// SPDX-License-Identifier: MIT
// The coroutines that wait for what happens on an audio connection.
#include "audio/audio_connection.hpp"

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

asio::awaitable<AudioFrame*> AudioConnection::read(Pointer self, AudioFrame& frame) {
    while (true) {
        if (self->input_.take_frame(frame))
            co_return &frame;
        if (!self->open())
            co_return nullptr;
        co_await self->heard_.wait();
    }
}

asio::awaitable<std::optional<char>> AudioConnection::next_key(Pointer self) {
    while (true) {
        const auto key = self->input_.take_key();
        if (key || !self->open())
            co_return key;
        co_await self->pressed_.wait();
    }
}

asio::awaitable<bool> AudioConnection::drained(Pointer self) {
    self->complete();
    while (self->open() && self->queued() > 0)
        co_await self->moved_.wait();
    co_return self->queued() == 0;
}

/// Those who wait resume later. Without memory, they cannot, and the line is over.
void AudioConnection::wake(WaitQueue& queue) noexcept {
    if (!queue.post())
        finish("out of memory");
}

void AudioConnection::wake_all() noexcept {
    heard_.post();
    pressed_.post();
    moved_.post();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
