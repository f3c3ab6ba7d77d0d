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
#include <functional>
#include <iostream>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Options {
    std::uint16_t port = 4573;
    std::string path = "bench";
    std::size_t sessions = 64;  // at once
    std::size_t calls = 1000;   // all in all
    bool line_by_line = false;  // write as Asterisk does
    double think = 0;           // mean pause before a reply and before a call, in milliseconds
    double hold = 0;  // seconds for which all sessions stay connected before any is answered
    double rate = 0;  // calls begun in a second; 0: as fast as they end
};

struct Call {
    int socket = -1;
    std::size_t number = 0;  // no two calls have the same
    std::size_t commands = 0;
    bool hung_up = false;     // HANGUP was sent, and may have met a closed connection
    Clock::time_point asked;  // when the server's turn began
    std::string partial{};
};

/// What is to be done after a pause: to answer a call, or to start one.
struct Due {
    Clock::time_point at;
    int socket = -1;  // -1: start a call
    std::size_t number = 0;
    std::string_view reply{};

    friend bool operator>(const Due& a, const Due& b) { return a.at > b.at; }
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
        for (std::size_t i = 0; options_.think > 0 && i < options_.sessions; ++i)
            dues_.push({.at = began_ + pause()});
        while (totals_.ended < options_.calls) {
            if (options_.think > 0)
                do_what_is_due();
            else
                start_what_may_start();
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
    void start_what_may_start() {
        while (totals_.started < options_.calls &&
               totals_.started - totals_.ended < options_.sessions && next_start() <= Clock::now())
            start();
    }

    void do_what_is_due() {
        const auto now = Clock::now();
        while (!dues_.empty() && dues_.top().at <= now) {
            const auto due = dues_.top();
            dues_.pop();
            if (due.socket < 0 && totals_.started < options_.calls)
                start();
            else if (due.socket >= 0 && call_of(due.socket).number == due.number)
                answer(call_of(due.socket), due.reply);
        }
    }

    /// Between nothing and twice the mean, evenly distributed; the same in every run.
    Clock::duration pause() {
        std::uniform_real_distribution<double> milliseconds(0, 2 * options_.think);
        return std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double, std::milli>(milliseconds(random_))
        );
    }

    /// When the next call is to begin.
    Clock::time_point next_start() const {
        if (options_.rate <= 0)
            return Clock::time_point::min();
        const std::chrono::duration<double> since(
            static_cast<double>(totals_.started) / options_.rate
        );
        return began_ + std::chrono::duration_cast<Clock::duration>(since);
    }

    /// How long to wait for an event.
    std::chrono::nanoseconds patience() const {
        const auto left = [](Clock::time_point at) {
            return std::clamp<std::chrono::nanoseconds>(at - Clock::now(), 0ns, kPatience);
        };
        if (!dues_.empty())
            return left(dues_.top().at);
        if (options_.rate <= 0 || totals_.started == options_.calls ||
            totals_.started - totals_.ended >= options_.sessions)
            return kPatience;
        return left(next_start());
    }

    void start() {
        const auto begun = options_.rate > 0 ? next_start() : Clock::now();
        ++totals_.started;
        totals_.most_at_once = std::max(totals_.most_at_once, totals_.started - totals_.ended);
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int nodelay = options_.line_by_line ? 0 : 1;  // Asterisk does not set it
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof nodelay);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            fail(socket, "connect");
            return;
        }
        send_text(socket, environment_);
        epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
        if (calls_.size() <= static_cast<std::size_t>(socket))
            calls_.resize(static_cast<std::size_t>(socket) + 1);
        call_of(socket) = {.socket = socket, .number = totals_.started, .asked = begun};
        ++open_;
    }

    Call& call_of(int socket) { return calls_[static_cast<std::size_t>(socket)]; }

    /// In one segment, or a line at a time.
    void send_text(int socket, std::string_view text) const {
        if (!options_.line_by_line) {
            send(socket, text);
            return;
        }
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find('\n', at) + 1;
            send(socket, text.substr(at, end - at));
            at = end;
        }
    }

    static void send(int socket, std::string_view bytes) {
        (void)!::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    void poll() {
        std::array<epoll_event, 256> events;
        const auto patience = this->patience();
        const timespec timeout{
            .tv_sec = static_cast<time_t>(patience / 1s),
            .tv_nsec = static_cast<long>((patience % 1s).count())};
        const int ready = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
        if (ready < 0 && errno != EINTR) {
            std::cerr << "agi_load: epoll_pwait2: " << std::strerror(errno) << '\n';
            std::exit(1);
        }
        if (ready == 0 && patience == kPatience) {
            std::cerr << "agi_load: nothing came for 10 s, " << open_ << " calls hang\n";
            totals_.errors += open_;
            totals_.ended = options_.calls;
        }
        for (int i = 0; i < ready; ++i)
            serve(call_of(events[static_cast<std::size_t>(i)].data.fd));
    }

    void serve(Call& call) {
        std::array<char, 4096> buffer;
        const auto size = recv(call.socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            const bool reset = size < 0 && !(errno == ECONNRESET && call.hung_up);
            if (reset || call.commands == 0 || !call.partial.empty())
                fail(-1, reset ? "recv" : "closed before a command");
            else
                note_end();
            close(call.socket);
            call = {};
            --open_;
            return;
        }
        call.partial.append(buffer.data(), static_cast<std::size_t>(size));
        for (std::size_t end; (end = call.partial.find('\n')) != std::string::npos;) {
            (call.commands == 0 ? totals_.first_command : totals_.turn_around)
                .add(Clock::now() - call.asked);
            const auto reply = reply_to(call.partial);
            call.partial.erase(0, end + 1);
            ++call.commands;
            ++totals_.commands;
            if (options_.think > 0)
                dues_.push(
                    {.at = Clock::now() + pause(),
                     .socket = call.socket,
                     .number = call.number,
                     .reply = reply}
                );
            else
                answer(call, reply);
        }
    }

    void answer(Call& call, std::string_view reply) {
        call.asked = Clock::now();
        call.hung_up = reply.ends_with("HANGUP\n");
        send_text(call.socket, reply);
    }

    void fail(int socket, const char* what) {
        if (totals_.errors++ < 5)
            std::cerr << "agi_load: " << what << ": " << std::strerror(errno) << '\n';
        note_end();
        if (socket >= 0)
            close(socket);
    }

    void note_end() {
        ++totals_.ended;
        if (options_.think > 0)
            dues_.push({.at = Clock::now() + pause()});  // the next call
    }

    static constexpr std::chrono::nanoseconds kPatience = 10s;

    Options options_;
    int epoll_;
    Clock::time_point began_;
    std::string environment_;
    std::vector<Call> calls_;  // by socket
    std::size_t open_ = 0;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> dues_;
    std::mt19937 random_;
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
        else if (word == "--think")
            options.think = std::atof(value);
        else {
            std::cerr << "usage: agi_load [--port N] [--path P] [--sessions N] [--calls N]"
                         " [--rate N | --think MILLISECONDS] [--line-by-line]"
                         " [--hold SECONDS]\n";
            std::exit(2);
        }
        ++i;
    }
    if (options.rate > 0 && options.think > 0) {
        std::cerr << "agi_load: --rate and --think exclude each other\n";
        std::exit(2);
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
