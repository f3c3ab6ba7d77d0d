// SPDX-License-Identifier: MIT
// The limits that a server sets itself when it is given none.
#include "server/server_context.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace costrix::agi::detail {
namespace {

/// A limit of open files for the time of a test.
class OpenFiles {
public:
    explicit OpenFiles(rlim_t number) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit wanted{.rlim_cur = number, .rlim_max = before_.rlim_max};
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &wanted), 0);
    }
    ~OpenFiles() { setrlimit(RLIMIT_NOFILE, &before_); }
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;

private:
    rlimit before_{};
};

asio::awaitable<void> busy(AGI&, const Request&) {
    co_return;
}

TEST(ServerContext, LeavesOpenFilesForTheRestOfTheProgram) {
    const OpenFiles files(512);
    FastAGIServerOptions options;
    EXPECT_EQ(ServerContext(options).max_sessions, 512U - 64);
    EXPECT_EQ(ServerContext(options).max_busy_sessions, 0U);
    options.busy = busy;
    EXPECT_EQ(ServerContext(options).max_sessions, 512U - 64 - 100);
    EXPECT_EQ(ServerContext(options).max_busy_sessions, 100U);
    options.max_sessions = 1000;
    EXPECT_EQ(ServerContext(options).max_sessions, 1000U);
}

TEST(ServerContext, ServesSixteenSessionsAtLeast) {
    const OpenFiles files(70);
    EXPECT_EQ(ServerContext(FastAGIServerOptions()).max_sessions, 16U);
}

}  // namespace
}  // namespace costrix::agi::detail
