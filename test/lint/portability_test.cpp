// SPDX-License-Identifier: MIT
// What only Linux or its C libraries have is in one folder.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

namespace files = std::filesystem;

const files::path kRoot = COSTRIX_SOURCE_DIR;

/// A file's text without its comments, which may speak of Linux.
std::string code_of(const files::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return std::regex_replace(text.str(), std::regex("//[^\n]*"), "");
}

/// The first thing in a text that only Linux has; empty when there is none.
std::string linux_only(const std::string& code) {
    static const std::regex headers(
        R"(#\s*include\s*<((linux|asm|bits)/.*|malloc\.h|features\.h|)"
        R"(sys/(epoll|eventfd|fanotify|inotify|prctl|random|sendfile|signalfd|syscall|sysinfo|)"
        R"(timerfd|auxv|xattr)\.h)>)"
    );
    static const std::regex names(
        R"(\b(epoll_(create|ctl|p?wait|event|data)\w*|EPOLL\w+|eventfd\w*|EFD_\w+|signalfd\w*|timerfd_\w+|inotify_\w+|)"
        R"(accept4|pipe2|dup3|SOCK_CLOEXEC|SOCK_NONBLOCK|ppoll|POLLRDHUP|)"
        R"(TCP_(USER_TIMEOUT|QUICKACK|DEFER_ACCEPT|INFO|CORK|FASTOPEN)|)"
        R"(SO_(ATTACH|DETACH)_\w+|SO_(INCOMING_CPU|BUSY_POLL|PEERCRED|BINDTODEVICE)|BPF_\w+|)"
        R"(F_[GS]ETPIPE_SZ|F_ADD_SEALS|O_(TMPFILE|PATH)|memfd_create|splice|sendfile|)"
        R"(prctl|pidfd_\w+|SYS_\w+|syscall|gettid|getrandom|secure_getenv|sched_\w*affinity|)"
        R"(malloc_trim|mallinfo2?|program_invocation_\w+|__GLIBC__|__linux__)\b|/proc/)"
    );
    std::smatch found;
    if (std::regex_search(code, found, headers) || std::regex_search(code, found, names))
        return found.str();
    return "";
}

TEST(Portability, IsSeenWhereItIsMissing) {
    EXPECT_EQ(linux_only("#include <sys/epoll.h>\n"), "#include <sys/epoll.h>");
    EXPECT_EQ(linux_only("x = ::accept4(a, b, c, SOCK_NONBLOCK);"), "accept4");
    EXPECT_EQ(linux_only("std::ifstream file(\"/proc/self/stat\");"), "/proc/");
    EXPECT_EQ(linux_only("setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);"), "");
    EXPECT_EQ(linux_only("fcntl(a, F_DUPFD_CLOEXEC, 10); accept(a, b, c);"), "");
}

TEST(Portability, OnlyOneFolderHasWhatOnlyLinuxHas) {
    std::set<std::string> inside;
    for (const std::string folder : {"include", "lib"}) {
        for (const auto& entry : files::recursive_directory_iterator(kRoot / folder)) {
            const auto& file = entry.path();
            if (file.extension() != ".hpp" && file.extension() != ".cpp")
                continue;
            const auto name = files::relative(file, kRoot).string();
            const auto found = linux_only(code_of(file));
            if (name.starts_with("lib/platform/linux/")) {
                inside.insert(found);
                continue;
            }
            EXPECT_EQ(found, "") << name;
            const bool chooses = name == "lib/transport/socket_transport.hpp";
            EXPECT_TRUE(chooses || code_of(file).find("\"platform/linux/") == std::string::npos)
                << name;
        }
    }
    EXPECT_GE(inside.size(), 4U) << "the names to look for are out of date";
}

/// What is linked tells whether they define the same; here, that no source was forgotten.
TEST(Portability, HasASubstituteForEachSource) {
    int sources = 0;
    for (const auto& entry : files::directory_iterator(kRoot / "lib/platform/linux")) {
        if (!entry.is_regular_file())
            continue;
        ++sources;
        EXPECT_TRUE(files::exists(kRoot / "lib/platform/posix" / entry.path().filename()))
            << entry.path();
    }
    EXPECT_GE(sources, 3);
}

}  // namespace
