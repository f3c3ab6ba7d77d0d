// SPDX-License-Identifier: MIT
// serve_call() over TCP, over a Unix socket, and over a stream of a user's own.
#include "support/serve_call_test.hpp"

namespace costrix::agi {
namespace {

struct Tcp {
    using Stream = asio::ip::tcp::socket;
    static constexpr bool kHasAddress = true;
    static Stream connect(
        asio::io_context& ours,
        asio::io_context& theirs,
        std::unique_ptr<test::StreamPeer>& peer
    ) {
        asio::ip::tcp::acceptor acceptor(theirs, {asio::ip::make_address("127.0.0.1"), 0});
        asio::ip::tcp::socket connecting(theirs);
        connecting.connect(acceptor.local_endpoint());
        Stream stream(ours);
        acceptor.accept(stream);
        peer = std::make_unique<test::BlockingPeer<Stream>>(std::move(connecting));
        return stream;
    }
};

struct Unix {
    using Stream = asio::local::stream_protocol::socket;
    static constexpr bool kHasAddress = false;
    static Stream connect(
        asio::io_context& ours,
        asio::io_context& theirs,
        std::unique_ptr<test::StreamPeer>& peer
    ) {
        Stream stream(ours), other(theirs);
        asio::local::connect_pair(stream, other);
        peer = std::make_unique<test::BlockingPeer<Stream>>(std::move(other));
        return stream;
    }
};

struct Own {
    using Stream = test::OwnStream;
    static constexpr bool kHasAddress = false;
    static Stream connect(
        asio::io_context& ours,
        asio::io_context& theirs,
        std::unique_ptr<test::StreamPeer>& peer
    ) {
        return Stream(Unix::connect(ours, theirs, peer));
    }
};

using Kinds = ::testing::Types<Tcp, Unix, Own>;
INSTANTIATE_TYPED_TEST_SUITE_P(Streams, ServeCall, Kinds);

}  // namespace
}  // namespace costrix::agi
