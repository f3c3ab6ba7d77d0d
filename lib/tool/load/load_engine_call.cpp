// SPDX-License-Identifier: MIT
// One call of a load, from connect to its end.
#include "platform/sockets.hpp"
#include "tool/load/load_engine.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

namespace {

// Do not hammer a port without a server.
constexpr auto kRetry = std::chrono::milliseconds(100);
constexpr std::uint32_t kMaxUnknown = 20;
constexpr const char* kNoAgi = "no AGI command: this is not a FastAGI server";

std::string error_kind(const char* what, int error) {
    return std::string(what) + ": " + std::generic_category().message(error);
}

std::size_t count_lines(std::string_view bytes) {
    return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

/// False when the connection is lost, or the script does not read: Asterisk gives up then, too.
bool send_all(int socket, std::string_view bytes, bool line_by_line) {
    while (!bytes.empty()) {
        const auto piece = line_by_line ? bytes.substr(0, bytes.find('\n') + 1) : bytes;
        const auto sent = ::send(socket, piece.data(), piece.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace

void LoadEngine::begin(Time due) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(calls_.size()));
        calls_.emplace_back();
    }
    const auto slot = free_slots_.back();
    free_slots_.pop_back();
    auto& call = calls_[slot];
    call.due = due;
    call.begun = call.turn = call.heard = now_;
    call.mid_line = false;
    call.commands = 0;
    call.understood = false;
    open(slot);
}

void LoadEngine::open(std::uint32_t slot) {
    auto& call = calls_[slot];
    call.address = addresses_.current();
    const auto& address = addresses_[call.address];
    call.socket =
        agi::detail::open_non_blocking_socket(address.protocol().family(), SOCK_STREAM).release();
    if (call.socket < 0) {
        fail(slot, error_kind("socket", errno));
        return;
    }
    const int on = 1;
    setsockopt(call.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    call.connecting =
        ::connect(call.socket, address.data(), static_cast<socklen_t>(address.size())) != 0;
    if (call.connecting && errno != EINPROGRESS) {
        connect_failed(slot, errno);
        return;
    }
    using Interest = PollSet::Interest;
    const auto interest = call.connecting ? Interest::writable : Interest::readable;
    if (!poll_set_.add(call.socket, interest, tag(slot)))
        fail(slot, error_kind("poll", errno));
    else if (!call.connecting)
        speak_first(slot);
}

void LoadEngine::finish_connect(std::uint32_t slot) {
    auto& call = calls_[slot];
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(call.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        connect_failed(slot, error);
        return;
    }
    call.connecting = false;
    poll_set_.change(call.socket, PollSet::Interest::readable, tag(slot));
    speak_first(slot);
}

void LoadEngine::connect_failed(std::uint32_t slot, int error) {
    auto& call = calls_[slot];
    if (addresses_.try_next(call.address)) {
        close_socket(call);
        open(slot);
        return;
    }
    fail(slot, error_kind("connect", error));
    pacer_.wait_until(now_ + kRetry);
    if (!addresses_.reached() && !pacer_.stopping()) {
        pacer_.stop();
        recorder_.unreachable();
    }
}

/// Sends the environment: Asterisk speaks first.
void LoadEngine::speak_first(std::uint32_t slot) {
    auto& call = calls_[slot];
    addresses_.accepted();
    call.begun = call.heard = now_;
    call.asterisk.emplace(callers_.next());
    call.asterisk->observe([this](const testing::Event& event) {
        if (event.kind() == testing::EventKind::unsimulated)
            recorder_.lacks(event.text());
    });
    settle(slot, std::nullopt);
}

void LoadEngine::read(std::uint32_t slot) {
    auto& call = calls_[slot];
    const auto size = ::recv(call.socket, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        // The reply that a server of another protocol leaves unread turns its end into a reset.
        const bool no_agi = errno == ECONNRESET && call.commands > 0 && !call.understood;
        fail(slot, no_agi ? kNoAgi : error_kind("read", errno));
        return;
    }
    if (size == 0) {
        end(slot);
        return;
    }
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    auto& asterisk = *call.asterisk;
    const auto lines = count_lines(bytes);
    if (lines > 0) {
        // A line that comes while a command runs answers no reply.
        if (call.commands == 0)
            recorder_.first_command(now_ - call.due);
        else if (!asterisk.busy())
            recorder_.turnaround(now_ - call.turn);
        call.commands += static_cast<std::uint32_t>(lines);
        recorder_.commands(lines);
    }
    call.mid_line = bytes.back() != '\n';
    call.heard = now_;
    const auto passed = now_ - call.begun - asterisk.now();
    if (passed > nanoseconds{})
        asterisk.advance(passed);
    asterisk.receive(bytes);
    settle(slot, std::nullopt);
}

/// Sends Asterisk's output, and sets the timer for its next event.
///
/// `turn` is when the script's turn begins: the time that the reply was due, even if this thread is
/// late. `nullopt`: now.
void LoadEngine::settle(std::uint32_t slot, std::optional<Time> turn) {
    auto& call = calls_[slot];
    auto& asterisk = *call.asterisk;
    auto next = asterisk.next_event();
    for (; next && *next == nanoseconds{}; next = asterisk.next_event())
        asterisk.advance_to_next_event();
    audio_.serve(slot, asterisk);
    next = asterisk.next_event();
    const auto output = asterisk.take_output();
    if (!output.empty()) {
        recorder_.reply(output);
        call.understood = call.understood || (call.commands > 0 && !output.starts_with("510"));
        // Taken before send(), since the script may answer before send() returns.
        call.turn = turn ? *turn : Clock::now();
        call.heard = now_;
        // Asterisk itself sends the environment line by line.
        if (!send_all(call.socket, output, options_.line_by_line && call.commands == 0)) {
            fail(slot, error_kind("write", errno));
            return;
        }
    }
    if (asterisk.closed()) {
        end(slot);
        return;
    }
    if (call.commands > kMaxUnknown && !call.understood && !asterisk.busy()) {
        fail(slot, kNoAgi);  // an echo server, for example, would never stop
        return;
    }
    const auto at = next ? call.begun + asterisk.now() + *next : Time::max();
    if (at != call.timer) {
        call.timer = at;
        if (next)
            timers_.push({at, slot, call.generation});
    }
}

/// The script closed the connection, or Asterisk did.
void LoadEngine::end(std::uint32_t slot) {
    auto& call = calls_[slot];
    auto& asterisk = *call.asterisk;
    const bool by_asterisk = asterisk.closed();
    const bool cut_short = asterisk.busy() && !asterisk.hung_up();
    if (!by_asterisk)
        asterisk.script_closed();
    while (!asterisk.closed() && asterisk.advance_to_next_event()) {
    }
    const auto status = asterisk.agistatus();
    if (status.empty()) {  // AGI() never ended
        fail(slot, "a command that Asterisk would have died of");
    } else if (call.commands == 0 && !by_asterisk && !asterisk.hung_up()) {
        fail(slot, "closed before a command");
    } else if (call.mid_line) {
        fail(slot, "closed within a command");
    } else if (cut_short) {
        fail(slot, "closed while a command ran");
    } else if (audio_.was_cut(slot)) {
        fail(slot, "audio: closed without its end");
    } else if (call.commands > 0 && !call.understood && !asterisk.hung_up()) {
        fail(slot, kNoAgi);
    } else {
        recorder_.status(status);
        recorder_.call(now_ - call.due);
        release(slot);
    }
}

void LoadEngine::close_socket(Call& call) {
    if (call.socket < 0)
        return;
    poll_set_.remove(call.socket);
    ::close(std::exchange(call.socket, -1));
}

void LoadEngine::fail(std::uint32_t slot, const std::string& kind) {
    recorder_.error(kind);
    release(slot);
}

void LoadEngine::release(std::uint32_t slot) {
    auto& call = calls_[slot];
    close_socket(call);
    audio_.close(slot);
    if (call.asterisk && !unheard_.empty()) {
        std::erase_if(unheard_, [&](const std::string& prompt) {
            return call.asterisk->times_begun(prompt) > 0;
        });
    }
    call.asterisk.reset();
    call.timer = Time::max();
    ++call.generation;
    free_slots_.push_back(slot);
    pacer_.ended(now_);
}

}  // namespace costrix::tool
