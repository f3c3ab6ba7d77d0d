// SPDX-License-Identifier: MIT
// run() under a service manager: systemd's protocol, played by the test.
#include "support/child_process.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"
#include "support/unix_peer.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace costrix {
namespace {

using test::eventually;
using test::TcpPeer;
using namespace std::chrono_literals;

const std::string kProgram = COSTRIX_BIN_DIR "/service_program";

/// The manager's end of NOTIFY_SOCKET.
class Notified {
public:
    explicit Notified(bool abstract) : name_(abstract ? '@' + path_.text() : path_.text()) {
        socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(name_.begin(), name_.end(), address.sun_path);
        if (abstract)
            address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    }
    ~Notified() { close(socket_); }
    Notified(const Notified&) = delete;
    Notified& operator=(const Notified&) = delete;

    const std::string& name() const noexcept { return name_; }
    /// The next message; empty if none comes in that time.
    std::string next(std::chrono::milliseconds patience = 10s) {
        const timeval limit{
            .tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        char buffer[1024];
        const auto size = recv(socket_, buffer, sizeof buffer, 0);
        return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
    }
    /// True once a message says this line.
    bool hears(const std::string& line) {
        for (auto said = next(); !said.empty(); said = next()) {
            if (("\n" + said + "\n").find("\n" + line + "\n") != std::string::npos)
                return true;
        }
        return false;
    }
    /// How often it says this within that time.
    int count(const std::string& line, std::chrono::milliseconds time) {
        int times = 0;
        const auto end = std::chrono::steady_clock::now() + time;
        for (auto left = time; left > 0ms;) {
            times += next(left) == line ? 1 : 0;
            left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now()
            );
        }
        return times;
    }

private:
    test::UnixPath path_;
    std::string name_;
    int socket_;
};

/// A socket that a child inherits.
class Passed {
public:
    explicit Passed(int type = SOCK_STREAM) : socket_(socket(AF_INET, type, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        if (type == SOCK_STREAM)
            listen(socket_, 4096);
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~Passed() { close(socket_); }
    Passed(const Passed&) = delete;
    Passed& operator=(const Passed&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// For bash: as that descriptor.
    std::string as(int number) const {
        return "exec " + std::to_string(number) + "<&" + std::to_string(socket_) + "; ";
    }

private:
    int socket_;
    std::uint16_t port_ = 0;
};

using Words = std::vector<std::string>;

/// The program, on a port that the system chooses, behind what bash does first.
std::unique_ptr<test::ChildProcess> run(const std::string& first, const Words& arguments = {"0"}) {
    Words command{"/bin/bash", "-c", first + "exec \"$0\" \"$@\"", kProgram};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return std::make_unique<test::ChildProcess>(std::move(command));
}

std::uint16_t port_of(test::ChildProcess& program) {
    const std::string text = "listening on port ";
    EXPECT_TRUE(program.wait_for(text)) << program.output();
    const auto at = program.output().find(text);
    return static_cast<std::uint16_t>(std::atoi(program.output().c_str() + at + text.size()));
}

std::unique_ptr<TcpPeer> hold_call(std::uint16_t port) {
    auto peer = std::make_unique<TcpPeer>(port);
    peer->call("hold");
    EXPECT_EQ(peer->line(), "NOOP \"held\"");
    peer->send("200 result=0\n");
    return peer;
}

std::string answer_of(std::uint16_t port) {
    TcpPeer peer(port);
    peer.call("answer?as=me");
    return peer.answer_all();
}

const std::string kAnswer = "NOOP \"me 127.0.0.1\"\n";

// --- readiness, status, stopping -----------------------------------------------------------------

/// Runs until its manager has heard all that it says.
void expect_reports(bool abstract) {
    Notified manager(abstract);
    const auto program = run("export NOTIFY_SOCKET='" + manager.name() + "'; ");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=0 calls");
    const auto call = hold_call(port_of(*program));
    program->signal(SIGTERM);
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=draining: 1 call");
    call->close();
    EXPECT_EQ(program->wait(), 0);
}

TEST(ServiceManager, HearsWhenTheServerIsReadyAndWhenItStops) {
    expect_reports(false);
}

TEST(ServiceManager, MayHaveASocketWithAnAbstractName) {
    expect_reports(true);
}

/// A thread of a process below this one, stopped where it is until this goes.
class StoppedThread {
public:
    explicit StoppedThread(pid_t thread) : thread_(thread) {
        seized_ = ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0;
        stopped_ = seized_ && ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0 &&
                   waitpid(thread_, nullptr, __WALL) == thread_;
    }
    ~StoppedThread() {
        if (seized_)
            ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
    }
    StoppedThread(const StoppedThread&) = delete;
    StoppedThread& operator=(const StoppedThread&) = delete;

    /// False where the system does not allow it.
    explicit operator bool() const noexcept { return stopped_; }

private:
    pid_t thread_;
    bool seized_ = false, stopped_ = false;
};

/// Those of a process.
std::vector<pid_t> threads_of(const std::string& process) {
    std::vector<pid_t> threads;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + process + "/task"))
        threads.push_back(std::stoi(entry.path().filename().string()));
    return threads;
}

class Watchdog : public ::testing::Test {
protected:
    /// Beats every 50 ms.
    std::string environment() const {
        return "export NOTIFY_SOCKET='" + manager_.name() + "' WATCHDOG_USEC=200000; ";
    }

    Notified manager_{false};
    test::UnixPath folder_;
};

TEST_F(Watchdog, HearsHowManyCallsThereAre) {
    const auto program = run(environment());
    const auto port = port_of(*program);
    const auto first = hold_call(port);
    EXPECT_TRUE(manager_.hears("STATUS=1 call"));
    const auto second = hold_call(port);
    EXPECT_TRUE(manager_.hears("STATUS=2 calls"));
    EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
}

TEST_F(Watchdog, HearsNothingWhileOneOfSeveralLoopsIsBlocked) {
    const auto program = run(environment(), {"0", "3"});
    EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
    const auto until = folder_.folder() + "/until";
    TcpPeer peer(port_of(*program));
    peer.call("block?until=" + until);
    EXPECT_EQ(peer.line(), "NOOP \"blocks\"");
    peer.send("200 result=0\n");
    // What was on its way when the loop blocked comes first.
    EXPECT_TRUE(eventually([&] { return manager_.count("WATCHDOG=1", 200ms) == 0; }));
    EXPECT_EQ(manager_.count("WATCHDOG=1", 600ms), 0);
    std::ofstream(until) << "now\n";
    EXPECT_EQ(peer.line(), "<eof>");
    for (int beats = 0; beats < 3; ++beats)
        EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
    std::filesystem::remove(until);
}

TEST_F(Watchdog, HearsNothingWhileTheThreadOfOneLoopIsStopped) {
    const auto process = folder_.folder() + "/process";
    const auto program = run(environment() + "echo $$ >'" + process + "'; ", {"0", "3"});
    EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
    std::string id;
    std::ifstream(process) >> id;
    std::filesystem::remove(process);
    int silencing = 0;  // a sanitizer may have a thread of its own, which is no loop's
    for (const auto thread : threads_of(id)) {
        {
            const StoppedThread stopped(thread);
            if (!stopped)
                GTEST_SKIP() << "SKIPPED: ptrace may not stop a thread here";
            while (!manager_.next(1ms).empty()) {  // what was said before
            }
            // All loops may have turned already: then one beat is on its way.
            silencing += manager_.count("WATCHDOG=1", 600ms) <= 1 ? 1 : 0;
        }
        for (int beats = 0; beats < 3; ++beats)
            EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
    }
    EXPECT_GE(silencing, 3);
}

TEST_F(Watchdog, HearsAServerThatDrainsAlthoughItsOtherLoopsHaveEnded) {
    const auto program = run(environment(), {"0", "3"});
    const auto call = hold_call(port_of(*program));
    program->signal(SIGTERM);
    EXPECT_TRUE(manager_.hears("STATUS=draining: 1 call"));
    for (int beats = 0; beats < 10; ++beats)
        EXPECT_TRUE(manager_.hears("WATCHDOG=1"));
    call->close();
    EXPECT_EQ(program->wait(), 0);
}

TEST_F(Watchdog, OfAnotherProcessHearsNothing) {
    const auto program = run(environment() + "export WATCHDOG_PID=1; ");
    EXPECT_EQ(manager_.next(), "READY=1\nSTATUS=0 calls");
    EXPECT_EQ(manager_.next(300ms), "");
}

// --- socket activation ---------------------------------------------------------------------------

TEST(Activation, ServesTheSocketThatItIsGiven) {
    const Passed socket;
    const auto before = socket.as(3) + "export LISTEN_PID=$$ LISTEN_FDS=1; ";
    for (const auto* threads : {"1", "3"}) {
        const auto program = run(before, {"0", threads});
        EXPECT_EQ(port_of(*program), socket.port());
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(answer_of(socket.port()), kAnswer);
        program->signal(SIGTERM);
        EXPECT_EQ(program->wait(), 0) << program->output();
    }
}

TEST(Activation, TakesTheSocketsNamedAgiWhereThereAreSome) {
    const Passed other, ours;
    const auto program =
        run(other.as(3) + ours.as(4) +
            "export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=metrics:agi; ");
    EXPECT_EQ(port_of(*program), ours.port());
    EXPECT_EQ(answer_of(ours.port()), kAnswer);
}

TEST(Activation, LeavesTheSocketsOfAnotherProcessAlone) {
    const Passed socket;
    const auto program = run(socket.as(3) + "export LISTEN_PID=1 LISTEN_FDS=1; ");
    const auto port = port_of(*program);
    EXPECT_NE(port, socket.port());
    EXPECT_EQ(answer_of(port), kAnswer);
}

TEST(Activation, NamesADescriptorThatIsNoListeningSocket) {
    const Passed socket(SOCK_DGRAM);
    const auto datagrams = run(socket.as(3) + "export LISTEN_PID=$$ LISTEN_FDS=1; ");
    EXPECT_EQ(datagrams->wait(), 1);
    EXPECT_NE(
        datagrams->output().find("LISTEN_FDS: descriptor 3 is no listening stream"),
        std::string::npos
    ) << datagrams->output();
}

/// True if the call is answered within half a minute, which a restart may take in a slow build.
bool is_answered(std::uint16_t port) {
    TcpPeer peer(port);
    peer.call("answer?as=me");
    auto said = peer.line();
    for (int i = 0; i < 5 && said == "<timeout>"; ++i)
        said = peer.line();
    peer.send("200 result=0\n");
    return said + '\n' == kAnswer && peer.line() == "<eof>";
}

/// Calls again and again, and counts how many calls were not answered.
class Caller {
public:
    explicit Caller(std::uint16_t port)
        : thread_([this, port] {
              while (!stopping_) {
                  try {
                      ++(is_answered(port) ? answered_ : failed_);
                  } catch (const std::system_error&) {
                      ++failed_;
                  }
                  std::this_thread::sleep_for(2ms);
              }
          }) {}
    ~Caller() { stop(); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    void stop() {
        stopping_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    int answered() const { return answered_; }
    int failed() const { return failed_; }

private:
    std::atomic<bool> stopping_ = false;
    std::atomic<int> answered_ = 0, failed_ = 0;
    std::thread thread_;
};

TEST(Activation, LosesNoCallInTenRestartsUnderLoad) {
    Notified manager(true);
    const Passed socket;
    const auto before =
        socket.as(3) + "export LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET='" + manager.name() + "'; ";
    auto program = run(before, {"0", "2"});
    Caller first(socket.port()), second(socket.port());
    for (int restarts = 0; restarts < 10; ++restarts) {
        ASSERT_TRUE(manager.hears("READY=1")) << program->output();
        const auto answered = first.answered();
        EXPECT_TRUE(eventually([&] { return first.answered() > answered + 5; }));
        program->signal(SIGTERM);
        EXPECT_EQ(program->wait(), 0) << program->output();
        program = run(before, {"0", "2"});
    }
    ASSERT_TRUE(manager.hears("READY=1")) << program->output();
    first.stop();
    second.stop();
    EXPECT_EQ(first.failed() + second.failed(), 0);
    EXPECT_GT(first.answered(), 50);
}

TEST(Activation, IsThatOfSystemd) {
    const std::string tool = "/usr/bin/systemd-socket-activate";
    if (!std::filesystem::exists(tool))
        GTEST_SKIP() << "SKIPPED: there is no " << tool;
    const auto port = Passed().port();
    test::ChildProcess program(
        {tool, "--listen=127.0.0.1:" + std::to_string(port), "--fdname=agi", kProgram, "0"}
    );
    ASSERT_TRUE(program.wait_for("Listening on")) << program.output();
    EXPECT_EQ(answer_of(port), kAnswer);
    EXPECT_EQ(port_of(program), port);
}

}  // namespace
}  // namespace costrix
