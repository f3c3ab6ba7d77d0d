// SPDX-License-Identifier: MIT
// A transport whose peer is a proxy that says, by the PROXY protocol, for whom it connects.
#pragma once

#include "protocol/proxy_header.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/transport.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <optional>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Takes the header off the front of another transport's input and passes everything else on.
///
/// A connection that ends without a byte behind its header, such as a health check of the proxy's
/// own, looks to the session like one that ends without a byte.
class ProxiedTransport final : public Transport, private TransportEvents {
public:
    /// Called on the transport's executor. May close the transport.
    class Owner {
    public:
        /// The header is read. `source`: `nullopt` if the proxy connects for itself, or does not
        /// know for whom.
        virtual void on_proxy_header(const std::optional<ProxySource>& source) = 0;
        /// Something comes behind the header. False: it is dropped, and the transport was closed.
        virtual bool may_begin() = 0;
        /// The header is missing, malformed or cut; nothing is passed on.
        virtual void on_bad_proxy_header(std::string_view why) = 0;

    protected:
        ~Owner() = default;
    };

    /// Both outlive it.
    ProxiedTransport(Transport& below, Owner& owner) : below_(below), owner_(owner) {}

    const asio::any_io_executor& get_executor() const noexcept override {
        return below_.get_executor();
    }
    void start(TransportEvents& events, std::shared_ptr<void> owner) override {
        events_ = &events;
        below_.start(*this, std::move(owner));
    }
    std::size_t write_some(std::string_view bytes, error_code& error) override {
        return below_.write_some(bytes, error);
    }
    void wait_writable() override { below_.wait_writable(); }
    asio::ip::address local_address() const override { return below_.local_address(); }
    void close() noexcept override { below_.close(); }

private:
    enum class State : std::uint8_t { empty, header, behind, open };

    void on_read(error_code error, std::string_view bytes) override;
    void on_writable() override { events_->on_writable(); }
    bool read_header(std::string_view& bytes);

    Transport& below_;
    Owner& owner_;
    TransportEvents* events_ = nullptr;
    std::optional<ProxyHeaderReader> reader_{std::in_place};  // until the header is read
    State state_ = State::empty;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
