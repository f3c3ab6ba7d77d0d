// SPDX-License-Identifier: MIT
// The audio connections of a call in a test: memory in place of sockets.
#include "testing/memory_audio.hpp"

#include "audio/audio_rendezvous.hpp"

#include <chrono>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

using agi::detail::AudioRendezvous;
using namespace std::chrono_literals;

bool move_bytes(AudioLeg& leg, MemoryTransport& transport) {
    const auto written = transport.take_written();
    if (!written.empty())
        leg.receive(written);
    auto output = leg.take_output();
    const bool moved = !written.empty() || !output.empty();
    if (!output.empty())
        transport.deliver(std::move(output));
    if (transport.closed() && leg.alive())
        leg.peer_closed();
    return (!leg.alive() && transport.end()) || moved;
}

MemoryAudio::MemoryAudio(asio::io_context& context)
    : context_(context), earliest_(context, asio::steady_timer::time_point::max() - 1h) {
    asio::use_service<AudioRendezvous>(context_).stay_in_memory();
}

/// Lines wait on timers that never expire. Beside one that expires earlier, their waits make no
/// system call, which would take more time than the rest of a frame.
void MemoryAudio::connect(const std::vector<std::shared_ptr<AudioLeg>>& legs) {
    if (!legs.empty())
        earliest_.async_wait([](error_code) {});
    for (const auto& leg : legs) {
        auto transport = std::make_shared<MemoryTransport>(context_.get_executor());
        auto& rendezvous = asio::use_service<AudioRendezvous>(context_);
        if (rendezvous.meet(leg->address().uuid, std::make_unique<SharedTransport>(transport))) {
            lines_.push_back({leg, std::move(transport)});
            leg->connected();
            leg->take_output();  // the UUID, by which the call was found
        } else {
            leg->refused();
        }
    }
}

bool MemoryAudio::move_bytes() {
    bool moved = false;
    for (auto& line : lines_)
        moved = detail::move_bytes(*line.leg, *line.transport) || moved;
    if (std::erase_if(lines_, [](const Line& line) { return line.transport->closed(); }) > 0)
        earliest_.cancel();
    return moved;
}

void MemoryAudio::close() {
    earliest_.cancel();
    for (const auto& line : std::exchange(lines_, {}))
        line.leg->peer_closed();
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
