// SPDX-License-Identifier: MIT
// The audio connections of a load's calls: their sockets, and how late the script's frames are.
#include "tool/load/load_audio.hpp"

#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace costrix::tool {

using testing::detail::AudioLeg;

namespace {

constexpr auto kFrame = std::chrono::milliseconds(20);

std::string audio_error(int error) {
    return "audio: " + std::generic_category().message(error);
}

}  // namespace

LoadAudio::~LoadAudio() {
    for (auto& [slot, line] : lines_) {
        if (line.socket >= 0)
            ::close(line.socket);
    }
}

std::optional<std::uint32_t> LoadAudio::slot_of(std::uint64_t tag) const {
    const auto found = by_tag_.find(tag);
    return found == by_tag_.end() ? std::nullopt : std::optional(found->second->first);
}

void LoadAudio::serve(std::uint32_t slot, testing::FakeAsterisk& asterisk) {
    for (auto& leg : asterisk.take_audio_connections())
        open(slot, std::move(leg));
    const auto [begin, end] = lines_.equal_range(slot);
    for (auto next = begin; next != end; ++next)
        write(next->second);
}

void LoadAudio::open(std::uint32_t slot, std::shared_ptr<AudioLeg> leg) {
    error_code wrong;
    const auto address = asio::ip::make_address(leg->address().host, wrong);
    const asio::ip::tcp::endpoint endpoint(address, leg->address().port);
    Line line;
    line.leg = std::move(leg);
    if (!wrong)
        line.socket =
            agi::detail::open_non_blocking_socket(endpoint.protocol().family(), SOCK_STREAM)
                .release();
    if (line.socket < 0) {
        recorder_.error(wrong ? "audio: not an address" : audio_error(errno));
        line.leg->refused();
        return;
    }
    const int on = 1;
    ::setsockopt(line.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto size = static_cast<socklen_t>(endpoint.size());
    line.connecting = ::connect(line.socket, endpoint.data(), size) != 0;
    line.tag = next_tag_++;
    const bool failed = line.connecting && errno != EINPROGRESS;
    if (failed || !poll_set_.add(line.socket, agi::detail::PollSet::Interest::writable, line.tag)) {
        recorder_.error(audio_error(errno));
        ::close(line.socket);
        line.leg->refused();
        return;
    }
    line.connecting = true;  // the poll set tells
    const auto at = lines_.emplace(slot, std::move(line));
    by_tag_[at->second.tag] = at;
}

void LoadAudio::handle(std::uint64_t tag, Time now) {
    auto& line = by_tag_.at(tag)->second;
    if (line.socket < 0)
        return;
    if (!line.connecting)
        read(line, now);
    else if (finish_connect(line))
        poll_set_.change(line.socket, agi::detail::PollSet::Interest::readable, tag);
}

bool LoadAudio::finish_connect(Line& line) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(line.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    line.connecting = false;
    if (error == 0) {
        recorder_.audio_line();
        line.leg->connected();
        return true;
    }
    recorder_.error(audio_error(error));
    close(line);
    line.leg->refused();
    return false;
}

void LoadAudio::read(Line& line, Time now) {
    const auto size = ::recv(line.socket, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        close(line);
        line.cut = line.leg->alive();
        line.leg->peer_closed();
        return;
    }
    line.leg->receive(std::string_view(buffer_.data(), static_cast<std::size_t>(size)));
    note_frames(line, now);
}

/// A frame is as late as it is behind the one of its line that came earliest for its number.
void LoadAudio::note_frames(Line& line, Time now) {
    for (; line.frames < line.leg->frames(); ++line.frames) {
        if (line.frames == 0)
            line.first = now;
        line.last = now;
        const auto offset = now - line.first - static_cast<std::int64_t>(line.frames) * kFrame;
        line.earliest = std::min(line.earliest, offset);
        recorder_.frame(offset - line.earliest);
    }
}

/// A script that does not read misses frames, as Asterisk's queue overflows in the end.
void LoadAudio::write(Line& line) {
    if (line.socket < 0 || line.connecting)
        return;
    line.unsent += line.leg->take_output();
    while (!line.unsent.empty()) {
        const auto sent = ::send(line.socket, line.unsent.data(), line.unsent.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            break;
        line.unsent.erase(0, static_cast<std::size_t>(sent));
    }
    if (!line.leg->alive())
        close(line);
}

bool LoadAudio::was_cut(std::uint32_t slot) const {
    const auto [begin, end] = lines_.equal_range(slot);
    return std::any_of(begin, end, [](const auto& entry) { return entry.second.cut; });
}

void LoadAudio::close(Line& line) {
    if (line.socket < 0)
        return;
    poll_set_.remove(line.socket);
    ::close(std::exchange(line.socket, -1));
    if (line.frames == 0)
        return;
    const auto slots = (line.last - line.first + kFrame / 2) / kFrame + 1;
    const auto due = static_cast<std::uint64_t>(slots);
    recorder_.frames_missing(due - std::min(due, line.frames));
}

void LoadAudio::close(std::uint32_t slot) {
    const auto [begin, end] = lines_.equal_range(slot);
    for (auto next = begin; next != end; ++next) {
        close(next->second);
        by_tag_.erase(next->second.tag);
    }
    lines_.erase(begin, end);
}

}  // namespace costrix::tool
