// SPDX-License-Identifier: MIT
// What Asterisk is told to connect to for a call's audio, and the connection that it makes.
#include "audio/audio_invitation.hpp"

#include "transport/socket_transport.hpp"
#include "transport/without_strand.hpp"

#include <costrix/agi/exceptions.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// An IPv4 address stays one on an IPv6 socket; the loopback where there is no network.
asio::ip::address usable(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.is_unspecified() ? asio::ip::address_v4::loopback() : address;
}

std::string with_port(std::string host, std::uint16_t port) {
    if (host.find(':') != std::string::npos && !host.starts_with('['))
        host = '[' + host + ']';
    return host + ':' + std::to_string(port);
}

std::string described(const asio::ip::address& address, AudioPorts ports) {
    auto text = address.to_string();
    if (ports.last != 0)
        text += ", ports " + std::to_string(ports.first) + " to " + std::to_string(ports.last);
    return text;
}

std::unique_ptr<Transport> transport_of(Descriptor socket, const asio::any_io_executor& executor) {
    const bool direct = holds<asio::io_context::executor_type>(executor);
    const auto shared = std::make_shared<const asio::any_io_executor>(executor);
    return std::unique_ptr<Transport>(
        new SocketTransport(make_transport(std::move(socket), shared, direct))
    );
}

}  // namespace

AudioInvitation::AudioInvitation(AGI& call, const AudioOptions& options)
    : executor_(call.get_executor()), options_(options),
      rendezvous_(asio::use_service<AudioRendezvous>(executor_.context())) {
    const auto ours = usable(call.local_address());
    const auto address = options.listen_on().value_or(ours);
    try {
        meeting_ = rendezvous_.expect(executor_, address, options.ports());
    } catch (const system_error& error) {
        throw AGIAppError(
            "cannot listen for audio on " + described(address, options.ports()) + ": " +
            error.code().message()
        );
    }
    auto host = options.host();
    if (host.empty())
        host = (address.is_unspecified() ? ours : address).to_string();
    where_ = with_port(std::move(host), meeting_->port);
}

AudioInvitation::~AudioInvitation() {
    rendezvous_.forget(*meeting_);
}

void AudioInvitation::revoke() noexcept {
    meeting_->over = true;
    meeting_->arrived.cancel();
}

asio::awaitable<std::shared_ptr<AudioConnection>>
AudioInvitation::wait(AudioConnection::Output output) {
    auto& meeting = *meeting_;
    const auto time = options_.connect_timeout();
    meeting.arrived.expires_after(time);
    while (!meeting.met() && !meeting.over) {
        const auto [error] = co_await meeting.arrived.async_wait(as_tuple(asio::use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none)
            throw system_error(asio::error::operation_aborted);
        if (!error && !meeting.met())
            throw AGITimeout(
                "Asterisk did not connect its audio to " + where_ + " within " +
                std::to_string(time.count()) + " ms"
            );
    }
    rendezvous_.forget(meeting);
    if (!meeting.met())
        co_return nullptr;
    auto transport = std::move(meeting.stream);
    if (!transport)
        transport = transport_of(std::move(meeting.socket), executor_);
    auto connection =
        std::make_shared<AudioConnection>(std::move(transport), options_.buffer(), output);
    connection->start();
    co_return connection;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
