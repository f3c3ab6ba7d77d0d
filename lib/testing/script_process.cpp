// SPDX-License-Identifier: MIT
// A process that is an AGI script's: started, signalled, reaped.
#include "testing/script_process.hpp"

#include "platform/process.hpp"
#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <csignal>

extern "C" char** environ;  // POSIX has it in no header

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using agi::detail::Descriptor;

struct Pair {
    Descriptor ours, its;
};

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::system_category(), what);
}

/// Moves a descriptor above all that have a meaning for a script.
Descriptor out_of_the_way(Descriptor low) {
    const int high = fcntl(low.number(), F_DUPFD_CLOEXEC, 10);
    if (high < 0)
        fail(errno, "descriptors for a script");
    return Descriptor(high);
}

Pair make_pipe(bool we_read) {
    auto pipe = agi::detail::open_pipe();
    if (!pipe.read)
        fail(errno, "a pipe for a script");
    Descriptor read = out_of_the_way(std::move(pipe.read));
    Descriptor write = out_of_the_way(std::move(pipe.write));
    return we_read ? Pair{std::move(read), std::move(write)}
                   : Pair{std::move(write), std::move(read)};
}

Pair make_socket() {
    auto [ours, its] = agi::detail::open_socket_pair();
    if (!ours || !its)
        fail(errno, "a socket for a script");
    return {std::move(ours), out_of_the_way(std::move(its))};
}

/// The environment, with the variable by which a program knows that Asterisk started it.
std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry)
        all.emplace_back(*entry);
    all.emplace_back("AST_AGI_DIR=/usr/share/asterisk/agi-bin");
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// Which descriptors a process gets; no signal is blocked or ignored, as Asterisk leaves it.
class SpawnSetup {
public:
    explicit SpawnSetup(bool own_group) {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
        posix_spawnattr_setflags(
            &attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group)
        );
    }
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    void place(const Descriptor& descriptor, int number) {
        if (descriptor)
            posix_spawn_file_actions_adddup2(&files, descriptor.number(), number);
    }

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
};

}  // namespace

ScriptProcess::ScriptProcess(const asio::any_io_executor& executor)
    : input_(executor), output_(executor), ended_(executor), audio_(executor) {}

ScriptProcess::ScriptProcess(
    const asio::any_io_executor& executor,
    std::vector<std::string> command,
    Options options
)
    : ScriptProcess(executor) {
    auto input = make_socket();
    auto output = make_pipe(true);
    auto sound = options.audio ? make_pipe(false) : Pair();
    SpawnSetup setup(options.own_group);
    setup.place(input.its, STDIN_FILENO);
    setup.place(output.its, STDOUT_FILENO);
    setup.place(sound.its, 3);
    auto variables = environment();
    const int error = posix_spawn(
        &pid_,
        command[0].c_str(),
        &setup.files,
        &setup.attributes,
        pointers(command).data(),
        pointers(variables).data()
    );
    if (error != 0)
        fail(error, command[0]);
    input_.assign(asio::local::stream_protocol(), input.ours.release());
    output_.assign(output.ours.release());
    if (options.audio)
        audio_.assign(sound.ours.release());
    auto ended = agi::detail::watch_child(pid_);
    if (!ended)
        fail(errno, "waiting for a script");
    ended_.assign(ended.release());
}

ScriptProcess::~ScriptProcess() {
    signal(SIGKILL);
    if (pid_ > 0)
        waitpid(pid_, nullptr, 0);
}

void ScriptProcess::close() {
    input_.close();
    output_.close();
}

void ScriptProcess::signal(int number) noexcept {
    if (pid_ > 0)
        kill(pid_, number);
}

asio::awaitable<int> ScriptProcess::wait() {
    co_await ended_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    co_return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
