// SPDX-License-Identifier: MIT
// The coroutines that wait for what happens on an audio connection.
#include "audio/audio_connection.hpp"

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

asio::awaitable<void> AudioConnection::wait(asio::steady_timer& event) {
    co_await event.async_wait(as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw system_error(asio::error::operation_aborted);
}

asio::awaitable<std::optional<AudioFrame>> AudioConnection::read(Pointer self) {
    while (true) {
        auto frame = self->input_.take_frame();
        if (frame || !self->open())
            co_return frame;
        co_await wait(self->heard_);
    }
}

asio::awaitable<std::optional<char>> AudioConnection::next_key(Pointer self) {
    while (true) {
        const auto key = self->input_.take_key();
        if (key || !self->open())
            co_return key;
        co_await wait(self->pressed_);
    }
}

asio::awaitable<bool> AudioConnection::drained(Pointer self) {
    while (self->open() && self->queued() > 0)
        co_await wait(self->moved_);
    co_return self->queued() == 0;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
