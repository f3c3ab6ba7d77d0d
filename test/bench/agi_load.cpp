// SPDX-License-Identifier: MIT
// Plays many Asterisks on one thread with epoll: calls a FastAGI server and answers its commands.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::uint16_t port = 4573;
    std::string path = "bench";
    std::size_t sessions = 64;  // at once
    std::size_t calls = 1000;   // all in all
    bool line_by_line = false;  // write the environment as Asterisk does
    double hold = 0;  // seconds for which all sessions stay connected before any is answered
    double rate = 0;  // calls begun in a second; 0: as fast as they end
};

struct Call {
    int socket = -1;
    std::size_t commands = 0;
    Clock::time_point asked;  // when the server's turn began
    std::string partial;
};

/// Microseconds.
class Times {
public:
    void add(Clock::duration time) {
        values_.push_back(std::chrono::duration<float, std::micro>(time).count());
    }
    void print(const char* what) {
        std::sort(values_.begin(), values_.end());
        std::cout << what << " us: p50 " << at(0.5) << ", p99 " << at(0.99) << ", p99.9 "
                  << at(0.999) << '\n';
    }

private:
    float at(double quantile) const {
        if (values_.empty())
            return 0;
        return values_[static_cast<std::size_t>(
            quantile * static_cast<double>(values_.size() - 1)
        )];
    }

    std::vector<float> values_;
};

struct Totals {
    std::size_t started = 0, ended = 0, commands = 0, errors = 0, most_at_once = 0;
    Times first_command;  // since the connection was begun, or was to be begun
    Times turn_around;    // from an answer to the next command
};

std::string environment(const std::string& path) {
    return "agi_network: yes\nagi_network_script: " + path +
           "\nagi_request: agi://127.0.0.1:4573/" + path +
           "\nagi_channel: PJSIP/trunk-0000a1b2\nagi_language: en\nagi_type: PJSIP\n"
           "agi_uniqueid: 1795437951.7\nagi_version: 22.10.1\nagi_callerid: 5551234\n"
           "agi_calleridname: Alice\nagi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\n"
           "agi_callingtns: 0\nagi_dnid: 100\nagi_rdnis: unknown\nagi_context: default\n"
           "agi_extension: 100\nagi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \n"
           "agi_threadid: 139650487297728\n\n";
}

std::string_view reply_to(std::string_view command) {
    if (command.starts_with("GET VARIABLE"))
        return "200 result=1 (some value)\n";
    if (command.starts_with("GET DATA"))
        return "200 result=1234\n";
    if (command.starts_with("STREAM FILE"))
        return "200 result=0 endpos=12345\n";
    if (command.starts_with("SET VARIABLE") || command.starts_with("VERBOSE"))
        return "200 result=1\n";
    if (command.starts_with("HANGUP"))
        return "200 result=1\nHANGUP\n";
    return "200 result=0\n";
}

class Load {
public:
    explicit Load(Options options)
        : options_(std::move(options)), epoll_(epoll_create1(EPOLL_CLOEXEC)),
          environment_(environment(options_.path)) {}

    Totals run() {
        began_ = Clock::now();
        while (totals_.ended < options_.calls) {
            while (totals_.started < options_.calls &&
                   totals_.started - totals_.ended < options_.sessions && due() <= Clock::now())
                start();
            if (options_.hold > 0 && totals_.started == options_.calls) {
                std::cout << "held" << std::endl;
                usleep(static_cast<useconds_t>(options_.hold * 1e6));
                options_.hold = 0;
            }
            if (totals_.ended < options_.calls)
                poll();
        }
        return std::move(totals_);
    }

private:
    /// When the next call is to begin.
    Clock::time_point due() const {
        if (options_.rate <= 0)
            return Clock::time_point::min();
        const std::chrono::duration<double> since(
            static_cast<double>(totals_.started) / options_.rate
        );
        return began_ + std::chrono::duration_cast<Clock::duration>(since);
    }

    /// How long to wait for an event, in milliseconds.
    int patience() const {
        if (options_.rate <= 0 || totals_.started == options_.calls ||
            totals_.started - totals_.ended >= options_.sessions)
            return kPatience;
        const auto left = std::chrono::floor<std::chrono::milliseconds>(due() - Clock::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kPatience));
    }

    void start() {
        const auto begun = options_.rate > 0 ? due() : Clock::now();
        ++totals_.started;
        totals_.most_at_once = std::max(totals_.most_at_once, totals_.started - totals_.ended);
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            fail(socket, "connect");
            return;
        }
        send_environment(socket);
        epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
        auto& call = calls_[socket];
        call.socket = socket;
        call.asked = begun;
    }

    void send_environment(int socket) {
        if (!options_.line_by_line) {
            send(socket, environment_);
            return;
        }
        for (std::size_t at = 0; at < environment_.size();) {
            const auto end = environment_.find('\n', at) + 1;
            send(socket, std::string_view(environment_).substr(at, end - at));
            at = end;
        }
    }

    static void send(int socket, std::string_view bytes) {
        (void)!::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    void poll() {
        std::array<epoll_event, 256> events;
        const int patience = this->patience();
        const int ready = epoll_wait(epoll_, events.data(), events.size(), patience);
        if (ready == 0 && patience == kPatience) {
            std::cerr << "agi_load: nothing came for 10 s, " << calls_.size() << " calls hang\n";
            totals_.errors += calls_.size();
            totals_.ended = options_.calls;
        }
        for (int i = 0; i < ready; ++i)
            serve(calls_[events[static_cast<std::size_t>(i)].data.fd]);
    }

    void serve(Call& call) {
        std::array<char, 4096> buffer;
        const auto size = recv(call.socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            if (size < 0 || call.commands == 0 || !call.partial.empty())
                fail(-1, size < 0 ? "recv" : "closed before a command");
            else
                ++totals_.ended;
            const int socket = call.socket;
            close(socket);
            calls_.erase(socket);
            return;
        }
        call.partial.append(buffer.data(), static_cast<std::size_t>(size));
        for (std::size_t end; (end = call.partial.find('\n')) != std::string::npos;) {
            const auto now = Clock::now();
            (call.commands == 0 ? totals_.first_command : totals_.turn_around)
                .add(now - call.asked);
            call.asked = now;
            send(call.socket, reply_to(call.partial));
            call.partial.erase(0, end + 1);
            ++call.commands;
            ++totals_.commands;
        }
    }

    void fail(int socket, const char* what) {
        if (totals_.errors++ < 5)
            std::cerr << "agi_load: " << what << ": " << std::strerror(errno) << '\n';
        ++totals_.ended;
        if (socket >= 0)
            close(socket);
    }

    static constexpr int kPatience = 10000;

    Options options_;
    int epoll_;
    Clock::time_point began_;
    std::string environment_;
    std::map<int, Call> calls_;
    Totals totals_;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const char* const value = i + 1 < argc ? argv[i + 1] : "";
        if (word == "--line-by-line") {
            options.line_by_line = true;
            continue;
        }
        if (word == "--port")
            options.port = static_cast<std::uint16_t>(std::atoi(value));
        else if (word == "--path")
            options.path = value;
        else if (word == "--sessions")
            options.sessions = static_cast<std::size_t>(std::atoll(value));
        else if (word == "--calls")
            options.calls = static_cast<std::size_t>(std::atoll(value));
        else if (word == "--rate")
            options.rate = std::atof(value);
        else if (word == "--hold")
            options.hold = std::atof(value);
        else {
            std::cerr << "usage: agi_load [--port N] [--path P] [--sessions N] [--calls N]"
                         " [--rate N] [--line-by-line] [--hold SECONDS]\n";
            std::exit(2);
        }
        ++i;
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const auto began = Clock::now();
    auto totals = Load(parse(argc, argv)).run();
    const std::chrono::duration<double> took = Clock::now() - began;
    std::cout << totals.started << " calls, at most " << totals.most_at_once << " at once, "
              << totals.commands << " commands, " << totals.errors << " errors, " << took.count()
              << " s\n";
    totals.first_command.print("first command");
    totals.turn_around.print("turn-around");
    return totals.errors == 0 ? 0 : 1;
}
