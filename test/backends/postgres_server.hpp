// SPDX-License-Identifier: MIT
// A PostgreSQL of a test's own: data and socket in a temporary directory, to be killed and started
// again.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace costrix::test {

class PostgresServer {
public:
    /// Whether Debian's package postgresql is installed.
    static bool installed();

    /// Makes a database with this SQL in it, and starts it.
    explicit PostgresServer(const std::string& sql);
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// What libpq connects with.
    std::string conninfo() const;
    /// Returns when it takes connections; false after 30 s.
    bool start();
    /// Kills all of its processes with SIGKILL.
    void kill();
    /// Stops all of its processes where they are (SIGSTOP), or lets them go on (SIGCONT).
    void freeze();
    void thaw();

private:
    std::vector<std::string> as_postgres(const std::string& program) const;
    void initialize(const std::string& sql);
    void signal_all(int number) const;

    std::string directory_;
    pid_t pid_ = -1;
};

}  // namespace costrix::test
