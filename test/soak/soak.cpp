// SPDX-License-Identifier: MIT
// Many sessions, good ones and faulty ones: no good call is lost, no memory and no descriptor kept.
//
//   soak SESSIONS [SEED]   random peers, one fault in three calls
//   soak hostile           five times 1,000 faulty connections while 500 good sessions go on
#include "soak/peers.hpp"
#include "soak/server_process.hpp"

#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace costrix;
using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;  // that of TcpPeer::arrived()

constexpr double kMiB = 1024 * 1024;
#ifdef COSTRIX_SANITIZED
constexpr bool kMemoryCounts = false;  // it keeps freed memory for a while
#else
constexpr bool kMemoryCounts = true;
#endif

/// Descriptors and memory as they were, and whether they are so again.
class Base {
public:
    explicit Base(const soak::ServerProcess& server)
        : server_(server), memory_(server.memory()), descriptors_(server.descriptors()) {}

    bool holds() const {
        const auto open = server_.settle(descriptors_);
        const auto now = server_.memory();
        const double grown = (static_cast<double>(now) - static_cast<double>(memory_)) / kMiB;
        std::cout << "memory " << static_cast<double>(memory_) / kMiB << " MiB, then "
                  << static_cast<double>(now) / kMiB << " MiB; descriptors " << descriptors_
                  << ", then " << open << '\n';
        return open <= descriptors_ && (!kMemoryCounts || grown <= 5);
    }

private:
    const soak::ServerProcess& server_;
    std::size_t memory_, descriptors_;
};

struct Totals {
    std::atomic<std::uint64_t> good{0}, lost{0}, faults{0};
};

/// How many descriptors it has open with no session, once it has had one.
std::size_t idle_descriptors(const soak::ServerProcess& server) {
    if (!soak::good_call(server.port()))
        throw std::runtime_error("the first call failed");
    std::this_thread::sleep_for(100ms);
    return server.descriptors();
}

/// Sessions from `first` to `end`, in eight threads; each one's fate depends on its number only.
void run(
    std::uint16_t port,
    std::uint64_t first,
    std::uint64_t end,
    std::uint64_t seed,
    Totals& totals
) {
    std::atomic<std::uint64_t> next{first};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (std::uint64_t number; (number = next++) < end;) {
                std::mt19937_64 random(seed * 1'000'003 + number);
                if (random() % 3 == 0) {
                    try {
                        test::TcpPeer peer(port);
                        soak::commit(static_cast<soak::Fault>(random() % soak::kFaults), peer);
                    } catch (const std::system_error&) {  // it was refused: its own fault
                    }
                    ++totals.faults;
                } else {
                    ++totals.good;
                    try {
                        if (!soak::good_call(port))
                            ++totals.lost;
                    } catch (const std::system_error& error) {
                        std::cerr << error.what() << '\n';
                        ++totals.lost;
                    }
                }
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
}

int soak_sessions(std::uint64_t sessions, std::uint64_t seed) {
    soak::ServerProcess server;
    const auto idle = idle_descriptors(server);
    Totals totals;
    run(server.port(), 0, sessions / 10, seed, totals);  // until everything is as large as it gets
    server.settle(idle);
    const Base base(server);
    run(server.port(), sessions / 10, sessions, seed, totals);
    const bool same = base.holds();
    const bool ended = server.stop();
    std::cout << sessions << " sessions, seed " << seed << ": " << totals.good << " good calls, "
              << totals.faults << " faults, " << totals.lost << " good calls lost\n";
    if (!ended)
        std::cout << "the server did not end well\n";
    return same && ended && totals.lost == 0 ? 0 : 1;
}

// --- hostile -------------------------------------------------------------------------------------

constexpr int kGood = 500, kHostile = 1000, kAttacks = 5;

/// The turn-arounds of good sessions, and how many of these failed.
struct Turns {
    std::vector<Clock::duration> times;
    int sessions = 0;
    int failed = 0;

    Clock::duration p99() {
        const auto at = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
        std::nth_element(times.begin(), at, times.end());
        return *at;
    }
};

/// Good sessions from beginning to end, all open at once. One after the other is given its reply,
/// and the time taken until its next command is there, read or not: the time of the server.
void run_good_sessions(std::uint16_t port, Turns& turns) {
    std::vector<std::unique_ptr<test::TcpPeer>> peers;
    for (int i = 0; i < kGood; ++i) {
        peers.push_back(std::make_unique<test::TcpPeer>(port));
        peers.back()->note_arrivals();
        peers.back()->call("flow");
    }
    turns.sessions += kGood;
    for (auto& peer : peers)
        turns.failed += peer->line() != "ANSWER";
    for (int i = 1; i < soak::ServerProcess::kCommands; ++i) {
        for (auto& peer : peers) {
            const auto sent = Clock::now();
            peer->send("200 result=0\n");
            turns.failed += peer->line().starts_with('<');
            turns.times.push_back(peer->arrived() - sent);
        }
    }
    for (auto& peer : peers) {
        peer->send("200 result=0\n");
        turns.failed += peer->line() != "<eof>";
    }
}

/// Good sessions for as long as the faulty connections are being made; returns how long that took.
std::chrono::duration<double> run_beside_hostile_peers(std::uint16_t port, Turns& turns) {
    std::vector<std::unique_ptr<test::TcpPeer>> hostile(kHostile);
    std::atomic<bool> attacking{true};
    Clock::duration took{};
    std::thread attack([&] {
        // It waits while a good session can go on: that time would not be the server's.
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
        const auto began = Clock::now();
        for (int i = 0; i < kHostile; ++i) {
            auto& peer = hostile[static_cast<std::size_t>(i)];
            peer = std::make_unique<test::TcpPeer>(port);
            soak::commit(static_cast<soak::Fault>(i % soak::kFaults), *peer);
        }
        took = Clock::now() - began;
        attacking = false;
    });
    do {
        run_good_sessions(port, turns);
    } while (attacking);
    attack.join();
    return took;
}

int hostile_peers() {
    soak::ServerProcess server;
    const auto idle = idle_descriptors(server);
    server.isolate();
    Turns warm_up, quiet, beside;
    run_beside_hostile_peers(server.port(), warm_up);  // until everything is as large as it gets
    server.settle(idle);
    const Base base(server);
    std::chrono::duration<double> attack_time{};
    for (int i = 0; i < kAttacks; ++i) {  // in turn: the machine does not stay the same
        run_good_sessions(server.port(), quiet);
        attack_time += run_beside_hostile_peers(server.port(), beside);
        server.settle(idle);
    }
    const bool same = base.holds();
    const bool ended = server.stop();
    const auto failed = quiet.failed + beside.failed;
    const std::chrono::duration<double, std::micro> p99 = beside.p99(), p99_quiet = quiet.p99();
    std::cout << kAttacks << " times " << kHostile << " hostile connections within "
              << attack_time.count() / kAttacks << " s, beside " << beside.sessions
              << " good sessions, " << kGood << " at once: " << failed
              << " of these failed\n99th percentile of the turn-around: " << p99.count() << " us, "
              << p99_quiet.count() << " us without the others: " << p99 / p99_quiet << " times\n";
    return same && ended && failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "hostile")
        return hostile_peers();
    const auto sessions = std::strtoull(what.data(), nullptr, 10);
    if (sessions == 0) {
        std::cerr << "usage: soak SESSIONS [SEED] | soak hostile\n";
        return 2;
    }
    return soak_sessions(sessions, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
