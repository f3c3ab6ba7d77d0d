// SPDX-License-Identifier: MIT
// serve_call() over TLS, with a certificate that the test makes.
#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/ssl.hpp>
#else
#include <asio/ssl.hpp>
#endif

#include "support/serve_call_test.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <thread>

namespace costrix::agi {
namespace {

/// A key, and a certificate that it has signed itself.
void make_certificate(SSL_CTX* context) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    auto* const name = X509_get_subject_name(certificate);
    const auto* const host = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    EXPECT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

asio::ssl::context& server_context() {
    static asio::ssl::context context = [] {
        asio::ssl::context made(asio::ssl::context::tls_server);
        make_certificate(made.native_handle());
        return made;
    }();
    return context;
}

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
        Stream connecting(theirs, client), stream(ours, server_context());
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
