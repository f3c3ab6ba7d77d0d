// SPDX-License-Identifier: MIT
// systemd: sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3), without its library.
#include "platform/service_manager.hpp"

#include "platform/sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// nullopt for what is not a number from its first to its last character.
template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool is_this_process(std::string_view pid) {
    return number<pid_t>(pid) == ::getpid();
}

[[noreturn]] void fail(int descriptor, const std::string& why) {
    throw std::system_error(
        ENOTSOCK,
        std::system_category(),
        "LISTEN_FDS: descriptor " + std::to_string(descriptor) + ' ' + why
    );
}

bool listens(int socket) {
    const auto option = [socket](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
    };
    return option(SO_TYPE) == SOCK_STREAM && option(SO_ACCEPTCONN) == 1;
}

struct Activated {
    Descriptor socket;
    std::string_view name;
};

std::vector<Activated> activated_sockets(int count) {
    constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
    auto names = variable("LISTEN_FDNAMES");
    std::vector<Activated> all;
    for (int i = 0; i < count; ++i) {
        const auto name = names.substr(0, names.find(':'));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        if (::fcntl(kFirst + i, F_SETFD, FD_CLOEXEC) != 0)
            fail(kFirst + i, "is not open");
        all.push_back({Descriptor(kFirst + i), name});
    }
    return all;
}

}  // namespace

NotifySocket::NotifySocket() : name_(variable("NOTIFY_SOCKET")) {
    const bool usable = name_.size() > 1 && name_.size() < sizeof sockaddr_un().sun_path &&
                        (name_[0] == '/' || name_[0] == '@');
    if (usable)
        socket_ = open_socket(AF_UNIX, SOCK_DGRAM, 0);
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    if (socket_)
        ::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

void NotifySocket::send(std::string_view state, Wait wait) const noexcept {
    if (!socket_)
        return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name_.begin(), name_.end(), address.sun_path);
    if (name_[0] == '@')
        address.sun_path[0] = '\0';  // an abstract name
    ::sendto(
        socket_.number(),
        state.data(),
        state.size(),
        MSG_NOSIGNAL | (wait == Wait::never ? MSG_DONTWAIT : 0),
        reinterpret_cast<const sockaddr*>(&address),
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size())
    );
}

std::optional<std::chrono::microseconds> watchdog_timeout() {
    const auto time = number<std::uint64_t>(variable("WATCHDOG_USEC"));
    const auto pid = variable("WATCHDOG_PID");
    constexpr std::uint64_t kDay = 24ULL * 3600 * 1000 * 1000;
    if (!time || *time == 0 || (!pid.empty() && !is_this_process(pid)))
        return std::nullopt;
    return std::chrono::microseconds(std::min(*time, kDay));
}

std::vector<Descriptor> take_activated_sockets() {
    static std::atomic<bool> taken = false;
    const auto count = number<int>(variable("LISTEN_FDS"));
    if (!is_this_process(variable("LISTEN_PID")) || !count || *count <= 0 || taken.exchange(true))
        return {};
    auto all = activated_sockets(*count);
    const auto is_ours = [](const Activated& one) { return one.name == "agi"; };
    const bool named = std::any_of(all.begin(), all.end(), is_ours);
    std::vector<Descriptor> ours;
    for (auto& one : all) {
        if (named && !is_ours(one)) {
            one.socket.release();
            continue;
        }
        if (!listens(one.socket.number()))
            fail(one.socket.number(), "is no listening stream socket");
        ours.push_back(std::move(one.socket));
    }
    return ours;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
