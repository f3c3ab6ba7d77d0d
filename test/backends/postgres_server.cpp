// SPDX-License-Identifier: MIT
// A PostgreSQL of a test's own.
#include "backends/postgres_server.hpp"

#include "support/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace costrix::test {
namespace {

namespace fs = std::filesystem;

/// The folder of the newest version's programs; empty when there is none.
fs::path programs() {
    fs::path newest;
    int version = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
        const int number = std::atoi(entry.path().filename().c_str());
        if (number > version && fs::exists(entry.path() / "bin/postgres")) {
            version = number;
            newest = entry.path() / "bin";
        }
    }
    return newest;
}

void run(std::vector<std::string> command) {
    ChildProcess process(std::move(command));
    if (process.wait() != 0)
        throw std::runtime_error(process.output());
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream stat(entry.path() / "stat");
        std::string pid, name, state;
        pid_t its_parent = 0;
        if (stat >> pid >> name >> state >> its_parent && its_parent == parent)
            found.push_back(std::atoi(pid.c_str()));
    }
    return found;
}

}  // namespace

bool PostgresServer::installed() {
    return !programs().empty();
}

PostgresServer::PostgresServer(const std::string& sql) {
    std::string pattern = (fs::temp_directory_path() / "costrix-postgres-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::runtime_error("cannot make " + pattern);
    directory_ = pattern;
    initialize(sql);
}

PostgresServer::~PostgresServer() {
    kill();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

std::string PostgresServer::conninfo() const {
    return "host=" + directory_ + " user=postgres dbname=postgres";
}

/// PostgreSQL refuses to run as root.
std::vector<std::string> PostgresServer::as_postgres(const std::string& program) const {
    const auto path = (programs() / program).string();
    if (getuid() != 0)
        return {path};
    return {
        "/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", path};
}

void PostgresServer::initialize(const std::string& sql) {
    if (getuid() == 0)
        run({"/usr/bin/chown", "postgres:postgres", directory_});
    auto command = as_postgres("initdb");
    for (const char* word : {"--auth=trust", "--username=postgres", "--no-sync", "--pgdata"})
        command.emplace_back(word);
    command.push_back(directory_ + "/data");
    run(command);
    std::ofstream(directory_ + "/data/postgresql.conf", std::ios::app)
        << "listen_addresses = ''\nunix_socket_directories = '" << directory_ << "'\nfsync = off\n";
    if (!start())
        throw std::runtime_error("PostgreSQL does not start");
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
        PQconnectdb(conninfo().c_str()), PQfinish
    );
    const std::unique_ptr<PGresult, void (*)(PGresult*)> made(
        PQexec(connection.get(), sql.c_str()), PQclear
    );
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
}

bool PostgresServer::start() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
        // After a SIGKILL it may end at once, until the kernel has cleared up.
        if (pid_ <= 0 || waitpid(pid_, nullptr, WNOHANG) == pid_) {
            auto command = as_postgres("postgres");
            command.emplace_back("-D");
            command.push_back(directory_ + "/data");
            std::vector<char*> words;
            for (auto& word : command)
                words.push_back(word.data());
            words.push_back(nullptr);
            pid_ = fork();
            if (pid_ == 0) {
                const int null = open("/dev/null", O_WRONLY);
                dup2(null, STDOUT_FILENO);
                dup2(null, STDERR_FILENO);
                execv(words[0], words.data());
                _exit(127);
            }
        }
        if (PQping(conninfo().c_str()) == PQPING_OK)
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

void PostgresServer::signal_all(int number) const {
    if (pid_ <= 0)
        return;
    const auto children = children_of(pid_);
    ::kill(pid_, number);  // the parent first, so that it starts no others
    for (const auto child : children)
        ::kill(child, number);
}

void PostgresServer::kill() {
    if (pid_ <= 0)
        return;
    signal_all(SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
}

void PostgresServer::freeze() {
    signal_all(SIGSTOP);
}

void PostgresServer::thaw() {
    signal_all(SIGCONT);
}

}  // namespace costrix::test
