// SPDX-License-Identifier: MIT
// A transport over Asio's streams: those that can be polled, and those that cannot, such as TLS.
#include <costrix/agi/detail/asio_transport.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace costrix::agi::detail {
namespace {

using Socket = asio::local::stream_protocol::socket;

/// What an encrypting stream shows of its socket.
class OpaqueStream {
public:
    using executor_type = Socket::executor_type;
    explicit OpaqueStream(Socket socket) : socket_(std::move(socket)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& lowest_layer() { return socket_; }
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return socket_.async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return socket_.async_write_some(buffers, std::forward<Token>(token));
    }

private:
    Socket socket_;
};

static_assert(PollableStream<Socket>);
static_assert(!PollableStream<OpaqueStream>);

/// A transport and what it reports, as one object with one owner.
template <class Stream>
struct Endpoint final : TransportEvents {
    explicit Endpoint(Socket socket) : transport(Stream(std::move(socket))) {}

    void on_read(error_code error, std::string_view bytes) override {
        ++reads;
        end = error;
        input += bytes;
        if (then)
            then();
    }
    void on_writable() override { ++writable; }

    AsioTransport<Stream> transport;
    std::string input;
    error_code end;
    int reads = 0;
    int writable = 0;
    std::function<void()> then;  // after each on_read()
};

template <class Stream>
class AsioTransportTest : public ::testing::Test {
protected:
    AsioTransportTest() {
        Socket ours(context_);
        asio::local::connect_pair(ours, peer_);
        endpoint_ = std::make_shared<Endpoint<Stream>>(std::move(ours));
        weak_ = endpoint_;
        endpoint_->transport.start(*endpoint_, endpoint_);
    }

    ~AsioTransportTest() override {
        if (const auto endpoint = weak_.lock())
            endpoint->transport.close();
        run();
    }

    void peer_sends(const std::string& bytes) {
        asio::write(peer_, asio::buffer(bytes));
        run();
    }
    void run() {
        context_.restart();
        context_.poll();
    }
    std::size_t send(std::string_view bytes) {
        error_code error;
        const auto size = endpoint_->transport.write_some(bytes, error);
        EXPECT_FALSE(error);
        return size;
    }

    asio::io_context context_{1};
    Socket peer_{context_};
    std::shared_ptr<Endpoint<Stream>> endpoint_;
    std::weak_ptr<Endpoint<Stream>> weak_;
};

using Streams = ::testing::Types<Socket, OpaqueStream>;
TYPED_TEST_SUITE(AsioTransportTest, Streams);

TYPED_TEST(AsioTransportTest, DeliversWhatTheStreamReceives) {
    this->peer_sends("200 result=0\n");
    this->peer_sends("200 result=1\n");
    EXPECT_EQ(this->endpoint_->input, "200 result=0\n200 result=1\n");
    EXPECT_EQ(this->endpoint_->reads, 2);
}

TYPED_TEST(AsioTransportTest, DeliversMoreThanOneBuffer) {
    const std::string bytes(3 * kReadSize + 1, 'x');
    this->peer_sends(bytes);
    EXPECT_EQ(this->endpoint_->input, bytes);
}

TYPED_TEST(AsioTransportTest, ReportsTheEndOnceBehindTheLastBytes) {
    asio::write(this->peer_, asio::buffer("bye", 3));
    this->peer_.close();
    this->run();
    EXPECT_EQ(this->endpoint_->input, "bye");
    EXPECT_EQ(this->endpoint_->end, asio::error::eof);
    EXPECT_EQ(this->endpoint_->reads, 2);
    this->run();
    EXPECT_EQ(this->endpoint_->reads, 2);
}

TYPED_TEST(AsioTransportTest, WritesAtOnce) {
    EXPECT_EQ(this->send("ANSWER\n"), 7U);
    this->run();
    char bytes[7];
    asio::read(this->peer_, asio::buffer(bytes));
    EXPECT_EQ(std::string(bytes, 7), "ANSWER\n");
}

TYPED_TEST(AsioTransportTest, TakesMoreWhenThePeerHasRead) {
    const std::string block(1 << 20, 'x');
    std::size_t sent = 0;
    while (const auto size = this->send(block))
        sent += size;
    this->endpoint_->transport.wait_writable();
    this->run();
    EXPECT_EQ(this->endpoint_->writable, 0);

    std::string received(sent, '\0');
    std::size_t size = 0;
    this->peer_.non_blocking(true);
    for (int turn = 0; turn < 1000 && size < sent; ++turn) {
        error_code error;
        size += this->peer_.read_some(asio::buffer(received) + size, error);
        this->run();
    }
    EXPECT_EQ(size, sent);
    EXPECT_EQ(this->endpoint_->writable, 1);
    EXPECT_GT(this->send("ANSWER\n"), 0U);
}

TYPED_TEST(AsioTransportTest, IsSilentAfterItWasClosed) {
    this->endpoint_->then = [this] { this->endpoint_->transport.close(); };
    this->peer_sends("one");
    EXPECT_EQ(this->endpoint_->reads, 1);
    this->run();
    EXPECT_EQ(this->endpoint_->reads, 1);
    EXPECT_FALSE(this->endpoint_->end);
    error_code error;
    char byte = 0;
    asio::read(this->peer_, asio::buffer(&byte, 1), error);
    EXPECT_EQ(error, asio::error::eof);
}

TYPED_TEST(AsioTransportTest, ReleasesItsOwnerWhenItIsClosed) {
    this->endpoint_->transport.close();
    this->endpoint_.reset();
    this->run();
    EXPECT_TRUE(this->weak_.expired());
}

TYPED_TEST(AsioTransportTest, KeepsItsOwnerAliveUntilItIsClosed) {
    this->endpoint_->then = [endpoint = this->endpoint_.get()] { endpoint->transport.close(); };
    this->endpoint_.reset();
    this->run();
    EXPECT_FALSE(this->weak_.expired());
    this->peer_sends("one");
    EXPECT_TRUE(this->weak_.expired());
}

TYPED_TEST(AsioTransportTest, EndsTheSessionWhoseListenerThrows) {
    this->endpoint_->then = [endpoint = this->endpoint_.get()] {
        if (!endpoint->end)
            throw std::bad_alloc();
    };
    this->peer_sends("one");
    EXPECT_EQ(this->endpoint_->end, asio::error::no_memory);
    this->peer_sends("two");
    EXPECT_EQ(this->endpoint_->input, "one");
}

}  // namespace
}  // namespace costrix::agi::detail
