// SPDX-License-Identifier: MIT
// The TLS side of a server, with a certificate of its own.
#pragma once

#include <costrix/asio.hpp>

#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/ssl.hpp>
#else
#include <asio/ssl.hpp>
#endif
#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace costrix::test {

/// A key, and a certificate that it has signed itself.
inline void make_certificate(SSL_CTX* context) {
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

inline asio::ssl::context& server_context() {
    static asio::ssl::context context = [] {
        asio::ssl::context made(asio::ssl::context::tls_server);
        make_certificate(made.native_handle());
        return made;
    }();
    return context;
}

}  // namespace costrix::test
