// SPDX-License-Identifier: MIT
// serve_call() over TLS, with a certificate that the test makes.
#include "support/serve_call_test.hpp"
#include "support/tls_context.hpp"

#include <thread>

namespace costrix::agi {
namespace {

struct Tls {
    using Stream = asio::ssl::stream<asio::ip::tcp::socket>;
    static constexpr bool kHasAddress = true;
    static Stream connect(
        asio::io_context& ours,
        asio::io_context& theirs,
        std::unique_ptr<test::StreamPeer>& peer
    ) {
        static asio::ssl::context client(asio::ssl::context::tls_client);
        asio::ip::tcp::acceptor acceptor(theirs, {asio::ip::make_address("127.0.0.1"), 0});
        Stream connecting(theirs, client), stream(ours, test::server_context());
        connecting.lowest_layer().connect(acceptor.local_endpoint());
        acceptor.accept(stream.lowest_layer());
        std::thread other([&] { connecting.handshake(asio::ssl::stream_base::client); });
        stream.handshake(asio::ssl::stream_base::server);
        other.join();
        peer = std::make_unique<test::BlockingPeer<Stream>>(std::move(connecting));
        return stream;
    }
};

using TlsCall = ServeCall<Tls>;

/// Otherwise a tunnel would report a lost connection.
TEST_F(TlsCall, EndsAsTlsDoes) {
    auto ended = serve(options());
    peer_->call("nowhere");
    EXPECT_EQ(peer_->line(), "<eof>");
    EXPECT_EQ(peer_->end(), asio::error::eof);
    EXPECT_EQ(ended.get().how, How::no_route);
}

INSTANTIATE_TYPED_TEST_SUITE_P(OverTls, ServeCall, Tls);

}  // namespace
}  // namespace costrix::agi
