// SPDX-License-Identifier: MIT
// Descriptors that the system does not let be watched.
#include "transport/stdio_transport.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

namespace costrix::agi::detail {
namespace {

/// Notes what it is told.
class Listener final : public TransportEvents {
public:
    void on_read(error_code error, std::string_view bytes) override {
        read.append(bytes);
        failure = error;
    }
    void on_writable() override { ++writable; }

    std::string read;
    error_code failure;
    int writable = 0;
};

struct Pipe {
    Pipe() {
        int ends[2];
        EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
        read = Descriptor(ends[0]);
        write = Descriptor(ends[1]);
    }
    Descriptor read, write;
};

TEST(StdioTransport, FailsWhenItsInputCannotBeWatched) {
    asio::io_context context{1};
    Pipe in, out;  // nobody writes to `in`: a read would never return
    const int input = in.read.number();
    asio::posix::stream_descriptor occupant(context, input);  // takes its place in the reactor
    const auto listener = std::make_shared<Listener>();
    StdioTransport transport(context.get_executor(), std::move(in.read), std::move(out.write));
    transport.start(*listener, listener);
    context.poll();
    EXPECT_EQ(listener->failure.value(), EEXIST);
    occupant.release();
    transport.close();
}

TEST(StdioTransport, FailsWhenItsOutputCannotBeWatched) {
    asio::io_context context{1};
    Pipe in, out;
    const int output = out.write.number();
    asio::posix::stream_descriptor occupant(context, output);
    const auto listener = std::make_shared<Listener>();
    StdioTransport transport(context.get_executor(), std::move(in.read), std::move(out.write));
    transport.start(*listener, listener);
    transport.wait_writable();
    context.poll();
    EXPECT_EQ(listener->failure.value(), EEXIST);
    occupant.release();
    transport.close();
}

/// O_NONBLOCK would be every other process's that has the same file open.
TEST(StdioTransport, LeavesItsDescriptorsBlocking) {
    asio::io_context context{1};
    Pipe in, out;
    const Descriptor input(::dup(in.read.number())), output(::dup(out.write.number()));
    const auto listener = std::make_shared<Listener>();
    StdioTransport transport(context.get_executor(), std::move(in.read), std::move(out.write));
    transport.start(*listener, listener);
    transport.wait_writable();
    for (const std::string word : {"one", "two"}) {
        listener->read.clear();
        ASSERT_EQ(::write(in.write.number(), word.data(), word.size()), ssize_t(word.size()));
        context.poll();
        EXPECT_EQ(listener->read, word);
        EXPECT_EQ(::fcntl(input.number(), F_GETFL) & O_NONBLOCK, 0);
        EXPECT_EQ(::fcntl(output.number(), F_GETFL) & O_NONBLOCK, 0);
    }
    EXPECT_EQ(listener->writable, 1);
    transport.close();
}

TEST(StdioTransport, FindsTheEndOfAnEmptyDevice) {
    asio::io_context context{1};
    Pipe out;
    const auto listener = std::make_shared<Listener>();
    Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    StdioTransport transport(context.get_executor(), std::move(null), std::move(out.write));
    transport.start(*listener, listener);
    context.poll();
    EXPECT_EQ(listener->failure, asio::error::eof);
    transport.close();
}

TEST(StdioTransport, ReadsARegularFile) {
    asio::io_context context{1};
    const auto name = ::testing::TempDir() + "costrix-stdio-" + std::to_string(::getpid());
    const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::string block = "agi_request: x\n\n";
    ASSERT_EQ(::write(file, block.data(), block.size()), ssize_t(block.size()));
    ::lseek(file, 0, SEEK_SET);
    Pipe out;
    const auto listener = std::make_shared<Listener>();
    StdioTransport transport(context.get_executor(), Descriptor(file), std::move(out.write));
    transport.start(*listener, listener);
    context.poll();
    EXPECT_EQ(listener->read, block);
    EXPECT_FALSE(listener->failure);
    transport.close();
    ::unlink(name.c_str());
}

}  // namespace
}  // namespace costrix::agi::detail
