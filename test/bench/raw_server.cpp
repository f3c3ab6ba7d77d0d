// SPDX-License-Identifier: MIT
// The limit that bench_server is measured against: FastAGI by hand on epoll, without any feature.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

// What the handlers of bench_server send, as they send it.
constexpr std::array<std::string_view, 10> kBench{
    "ANSWER\n",
    "GET VARIABLE \"CALLERID(num)\"\n",
    "GET VARIABLE \"CHANNEL(language)\"\n",
    "GET VARIABLE \"CUSTOMER_ID\"\n",
    "SET VARIABLE \"RESULT\" \"ok\"\n",
    "STREAM FILE \"welcome\" \"0123456789\"\n",
    "GET DATA \"enter-pin\" 5000 4\n",
    "EXEC \"NoOp\" \"bench\"\n",
    "VERBOSE \"done\" 1\n",
    "HANGUP\n",
};
constexpr std::array<std::string_view, 1> kShort{"VERBOSE \"x\" 1\n"};
constexpr std::array<std::string_view, 1> kHold{"WAIT FOR DIGIT -1\n"};

/// One call: what it is to be sent, and how far it has come.
struct Call {
    std::span<const std::string_view> commands;
    std::size_t sent = 0;
    bool begun = false;  // the environment is complete
    std::string environment;
};

class Server {
public:
    explicit Server(std::uint16_t port)
        : epoll_(epoll_create1(EPOLL_CLOEXEC)),
          listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            listen(listener_, SOMAXCONN) != 0) {
            std::cerr << "raw_server: " << std::strerror(errno) << '\n';
            std::exit(1);
        }
        watch(listener_);
    }

    void run() {
        sigset_t mask;
        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigprocmask(SIG_BLOCK, &mask, nullptr);
        const int term = signalfd(-1, &mask, SFD_CLOEXEC);
        watch(term);
        std::array<epoll_event, 256> events;
        while (true) {
            const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < ready; ++i) {
                const int socket = events[static_cast<std::size_t>(i)].data.fd;
                if (socket == term)
                    return;
                if (socket == listener_)
                    accept_all();
                else
                    serve(socket);
            }
        }
    }

private:
    void watch(int socket) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    }

    void accept_all() {
        for (int socket;
             (socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            if (calls_.size() <= static_cast<std::size_t>(socket))
                calls_.resize(static_cast<std::size_t>(socket) + 1);
            calls_[static_cast<std::size_t>(socket)] = {};
            watch(socket);
        }
    }

    void serve(int socket) {
        Call& call = calls_[static_cast<std::size_t>(socket)];
        const auto size = recv(socket, buffer_.data(), buffer_.size(), 0);
        if (size <= 0) {
            end(socket);
            return;
        }
        const std::string_view input(buffer_.data(), static_cast<std::size_t>(size));
        if (!call.begun) {
            call.environment += input;  // kept, as a server that is of use keeps it
            if (!call.environment.ends_with("\n\n"))
                return;
            call.begun = true;
            call.commands = script_of(call.environment);
        } else if (!input.ends_with('\n')) {
            return;
        }
        if (call.sent == call.commands.size()) {
            end(socket);
            return;
        }
        const auto line = call.commands[call.sent++];
        (void)!send(socket, line.data(), line.size(), MSG_NOSIGNAL);
    }

    static std::span<const std::string_view> script_of(std::string_view environment) {
        constexpr std::string_view key = "agi_network_script: ";
        const auto script = environment.substr(environment.find(key) + key.size());
        if (script.starts_with("bench"))
            return kBench;
        return script.starts_with("hold") ? std::span<const std::string_view>(kHold) : kShort;
    }

    void end(int socket) {
        close(socket);
        calls_[static_cast<std::size_t>(socket)] = {};
    }

    int epoll_, listener_;
    std::vector<Call> calls_;
    std::array<char, 65536> buffer_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--port") {
        std::cerr << "usage: raw_server --port PORT\n";
        return 2;
    }
    std::make_unique<Server>(static_cast<std::uint16_t>(std::atoi(argv[2])))->run();
}
