// SPDX-License-Identifier: MIT
// One call of a load, from connect to its end.
#include "tool/load/load_engine.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

namespace {

constexpr auto kRetry = std::chrono::milliseconds(100);
constexpr std::uint32_t kMaxUnknown = 20;
constexpr const char* kNoAgi = "no AGI command: this is no FastAGI server";

std::string error_kind(const char* what, int error) {
    return std::string(what) + ": " + std::generic_category().message(error);
}

std::size_t count_lines(std::string_view bytes) {
    return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

}  // namespace

void LoadEngine::begin(Time due) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(calls_.size()));
        calls_.emplace_back();
    }
    const auto place = free_.back();
    free_.pop_back();
    auto& call = calls_[place];
    call.due = due;
    call.begun = call.turn = call.heard = now_;
    call.mid_line = false;
    call.commands = 0;
    call.understood = false;
    last_begun_ = now_;
    ++at_once_;
    recorder_.begun(now_, due, last_full_ >= due, at_once_);
    open(place);
}

void LoadEngine::open(std::uint32_t place) {
    auto& call = calls_[place];
    call.address = address_;
    const auto& address = addresses_[address_];
    call.socket =
        ::socket(address.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (call.socket < 0) {
        fail(place, error_kind("socket", errno));
        return;
    }
    const int on = 1;
    setsockopt(call.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    call.connecting =
        ::connect(call.socket, address.data(), static_cast<socklen_t>(address.size())) != 0;
    if (call.connecting && errno != EINPROGRESS) {
        connect_failed(place, errno);
        return;
    }
    epoll_event event{.events = call.connecting ? EPOLLOUT : EPOLLIN, .data = {.u64 = tag(place)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, call.socket, &event);
    if (!call.connecting)
        speak_first(place);
}

void LoadEngine::finish_connect(std::uint32_t place) {
    auto& call = calls_[place];
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(call.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        connect_failed(place, error);
        return;
    }
    call.connecting = false;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = tag(place)}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, call.socket, &event);
    speak_first(place);
}

// A name may resolve to addresses without a server: keep using the first that accepts.
void LoadEngine::connect_failed(std::uint32_t place, int error) {
    auto& call = calls_[place];
    if (connected_ || call.address + 1 == addresses_.size()) {
        fail(place, error_kind("connect", error));
        // Do not hammer a port without a server.
        not_before_ = now_ + kRetry;
        if (!connected_ && !stopping_) {
            stopping_ = true;
            recorder_.unreachable();
        }
        return;
    }
    ::close(std::exchange(call.socket, -1));
    address_ = std::max(address_, call.address + 1);
    open(place);
}

/// Asterisk does.
void LoadEngine::speak_first(std::uint32_t place) {
    auto& call = calls_[place];
    connected_ = true;
    call.begun = call.heard = now_;
    call.asterisk.emplace(callers_.next());
    call.asterisk->observe([this](const testing::Event& event) {
        if (event.kind() == testing::EventKind::unsimulated)
            recorder_.lacks(event.text());
    });
    settle(place, std::nullopt);
}

void LoadEngine::read(std::uint32_t place) {
    auto& call = calls_[place];
    const auto size = ::recv(call.socket, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        fail(place, error_kind("read", errno));
        return;
    }
    if (size == 0) {
        end(place);
        return;
    }
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    auto& asterisk = *call.asterisk;
    const auto lines = count_lines(bytes);
    if (lines > 0) {
        // What comes while a command runs is no answer to anything.
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
    settle(place, std::nullopt);
}

/// Sends Asterisk's output, and sets the timer for its next event.
///
/// `turn` is when the script's turn began: for a reply that was due at a time, that time, however
/// late this thread is; nullopt for now.
void LoadEngine::settle(std::uint32_t place, std::optional<Time> turn) {
    auto& call = calls_[place];
    auto& asterisk = *call.asterisk;
    auto next = asterisk.next_event();
    for (; next && *next == nanoseconds{}; next = asterisk.next_event())
        asterisk.advance_to_next_event();
    const auto output = asterisk.take_output();
    if (!output.empty()) {
        recorder_.reply(output);
        call.understood = call.understood || (call.commands > 0 && !output.starts_with("510"));
        // Before it is sent: the script may have answered by the time that send() returns.
        call.turn = turn ? *turn : Clock::now();
        call.heard = now_;
        if (!send(call, output)) {
            fail(place, error_kind("write", errno));
            return;
        }
    }
    if (asterisk.closed()) {
        end(place);
        return;
    }
    if (call.commands > kMaxUnknown && !call.understood && !asterisk.busy()) {
        fail(place, kNoAgi);  // an echo server, for example, would never stop
        return;
    }
    const auto at = next ? call.begun + asterisk.now() + *next : Time::max();
    if (at != call.timer) {
        call.timer = at;
        if (next)
            timers_.push({at, place, call.generation});
    }
}

// The environment may go out line by line, as Asterisk sends it.
bool LoadEngine::send(Call& call, std::string_view bytes) const {
    const bool cut = options_.line_by_line && call.commands == 0;
    while (!bytes.empty()) {
        const auto piece = cut ? bytes.substr(0, bytes.find('\n') + 1) : bytes;
        const auto sent = ::send(call.socket, piece.data(), piece.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        // A full socket means that the script does not read: Asterisk gives up, too.
        if (sent < 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// The script closed the connection, or Asterisk did.
void LoadEngine::end(std::uint32_t place) {
    auto& call = calls_[place];
    auto& asterisk = *call.asterisk;
    const bool by_asterisk = asterisk.closed();
    const bool cut_short = asterisk.busy() && !asterisk.hung_up();
    if (!by_asterisk)
        asterisk.script_closed();
    while (!asterisk.closed() && asterisk.advance_to_next_event()) {
    }
    const auto status = asterisk.agistatus();
    if (status.empty()) {  // AGI() never came to its end
        fail(place, "a command that Asterisk would have died of");
    } else if (call.commands == 0 && !by_asterisk && !asterisk.hung_up()) {
        fail(place, "closed before a command");
    } else if (call.mid_line) {
        fail(place, "closed within a command");
    } else if (cut_short) {
        fail(place, "closed while a command ran");
    } else if (call.commands > 0 && !call.understood && !asterisk.hung_up()) {
        fail(place, kNoAgi);
    } else {
        recorder_.status(status);
        recorder_.call(now_ - call.due);
        release(place);
    }
}

void LoadEngine::fail(std::uint32_t place, const std::string& kind) {
    recorder_.error(kind);
    release(place);
}

void LoadEngine::release(std::uint32_t place) {
    auto& call = calls_[place];
    if (call.socket >= 0)
        ::close(std::exchange(call.socket, -1));
    if (call.asterisk && !unheard_.empty()) {
        std::erase_if(unheard_, [&](const std::string& prompt) {
            return call.asterisk->times_begun(prompt) > 0;
        });
    }
    call.asterisk.reset();
    call.timer = Time::max();
    ++call.generation;
    free_.push_back(place);
    --at_once_;
    last_ended_ = now_;
    recorder_.ended();
}

}  // namespace costrix::tool
