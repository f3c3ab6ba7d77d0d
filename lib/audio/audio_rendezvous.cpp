// SPDX-License-Identifier: MIT
// Where Asterisk's audio connections come in, and how each finds the call that waits for it.
#include "audio/audio_rendezvous.hpp"

#include "audio/audio_listener.hpp"
#include "platform/process.hpp"
#include "transport/without_strand.hpp"

#include <costrix/asio.hpp>

#include <cerrno>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

/// All 128 bits are random; Asterisk does not look at a version.
Uuid random_uuid() {
    Uuid uuid;
    if (!random_bytes(uuid.bytes.data(), uuid.bytes.size()))
        throw system_error(error_code(errno, asio::error::get_system_category()), "random bytes");
    return uuid;
}

/// What Asterisk is told where nobody listens.
constexpr std::uint16_t kPortInMemory = 4574;

}  // namespace

std::shared_ptr<AudioMeeting> AudioRendezvous::expect(
    const asio::any_io_executor& executor,
    const asio::ip::address& address,
    AudioPorts ports
) {
    auto meeting = std::make_shared<AudioMeeting>(executor);
    meeting->uuid = random_uuid();
    std::lock_guard lock(mutex_);
    if (in_memory_) {
        meeting->port = ports.first == 0 ? kPortInMemory : ports.first;
        meetings_.emplace(meeting->uuid, meeting);
        return meeting;
    }
    auto& listener = listeners_[{address, {ports.first, ports.last}}];
    try {
        if (!listener) {
            listener =
                std::make_shared<AudioListener>(*this, without_strand(executor), address, ports);
            listener->wait();
        }
        meeting->port = listener->port();
        meetings_.emplace(meeting->uuid, meeting);
    } catch (...) {
        if (!listener || listener->meetings == 0)
            listeners_.erase({address, {ports.first, ports.last}});
        throw;
    }
    meeting->listener = listener;
    ++listener->meetings;
    return meeting;
}

void AudioRendezvous::forget(AudioMeeting& meeting) noexcept {
    std::lock_guard lock(mutex_);
    meetings_.erase(meeting.uuid);
    const auto listener = std::exchange(meeting.listener, nullptr);
    if (!listener || --listener->meetings > 0)
        return;
    std::erase_if(listeners_, [&](const auto& one) { return one.second == listener; });
    listener->close();
}

std::shared_ptr<AudioMeeting> AudioRendezvous::take(const Uuid& uuid) {
    const auto found = meetings_.find(uuid);
    if (found == meetings_.end())
        return nullptr;
    auto meeting = std::move(found->second);
    meetings_.erase(found);
    return meeting;
}

bool AudioRendezvous::meet(const Uuid& uuid, std::unique_ptr<Transport> stream) {
    std::lock_guard lock(mutex_);
    const auto meeting = take(uuid);
    ++(meeting ? counters_.connected : counters_.unknown);
    if (!meeting)
        return false;
    meeting->stream = std::move(stream);
    meeting->arrived.cancel();
    return true;
}

AudioRendezvousCounters AudioRendezvous::counters() const {
    std::lock_guard lock(mutex_);
    return counters_;
}

void AudioRendezvous::shutdown() {
    std::lock_guard lock(mutex_);
    listeners_.clear();
    meetings_.clear();
}

}  // namespace detail

AudioRendezvousCounters audio_counters(const asio::any_io_executor& executor) {
    return asio::use_service<detail::AudioRendezvous>(executor.context()).counters();
}

}  // namespace costrix::inline COSTRIX_ABI::agi
