// SPDX-License-Identifier: MIT
// talk(): EXEC AudioSocket, the connection that it makes, and how both end.
#include "audio/audio_connection.hpp"
#include "audio/audio_rendezvous.hpp"
#include "transport/socket_transport.hpp"
#include "transport/without_strand.hpp"

#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/talk.hpp>

#include <string>
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

struct Talk::State {
    State(AGI& its_call, const AudioOptions& its_options)
        : call(its_call), options(its_options),
          rendezvous(asio::use_service<AudioRendezvous>(call.get_executor().context())) {}

    AGI& call;
    AudioOptions options;
    AudioRendezvous& rendezvous;
    std::shared_ptr<AudioMeeting> meeting;
    std::string where;  // Asterisk is to connect
    std::shared_ptr<AudioConnection> connection;
    std::optional<AudioLine> line;
    Result<Exec::Result> result;
    std::exception_ptr error;  // of the handler
    bool cut = false;          // the application ended before the line
};

Talk::Talk(AGI& call, const AudioOptions& options)
    : state_(std::make_unique<State>(call, options)) {}

Talk::~Talk() {
    if (state_->meeting)
        state_->rendezvous.forget(*state_->meeting);
    if (!state_->connection)
        return;
    state_->connection->end();
    const auto counters = state_->connection->counters();
    state_->call.session_.tell_audio(&counters);
}

void Talk::listen() {
    auto& state = *state_;
    const auto& options = state.options;
    const auto ours = usable(state.call.local_address());
    const auto address = options.listen_on().value_or(ours);
    try {
        state.meeting =
            state.rendezvous.expect(state.call.get_executor(), address, options.ports());
    } catch (const system_error& error) {
        throw AGIAppError(
            "cannot listen for audio on " + described(address, options.ports()) + ": " +
            error.code().message()
        );
    }
    auto host = options.host();
    if (host.empty())
        host = (address.is_unspecified() ? ours : address).to_string();
    state.where = with_port(std::move(host), state.meeting->port);
}

asio::awaitable<void> Talk::execute() {
    auto& state = *state_;
    const auto arguments = state.meeting->uuid.to_string() + ',' + state.where;
    const auto audio_socket = Exec::raw("AudioSocket", arguments);
    state.result = co_await state.call.try_execute(audio_socket);
    state.meeting->over = true;
    state.meeting->arrived.cancel();
    if (!state.connection)
        co_return;
    state.cut = !state.connection->ended_here();
    state.connection->end();
}

asio::awaitable<AudioLine*> Talk::connect() {
    auto& state = *state_;
    auto& meeting = *state.meeting;
    const auto time = state.options.connect_timeout();
    meeting.arrived.expires_after(time);
    while (!meeting.socket && !meeting.over) {
        const auto [error] = co_await meeting.arrived.async_wait(as_tuple(asio::use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none)
            throw system_error(asio::error::operation_aborted);
        if (!error && !meeting.socket)
            throw AGITimeout(
                "Asterisk did not connect its audio to " + state.where + " within " +
                std::to_string(time.count()) + " ms"
            );
    }
    state.rendezvous.forget(meeting);
    if (!meeting.socket)
        co_return nullptr;
    state.connection = std::make_shared<AudioConnection>(
        transport_of(std::move(meeting.socket), state.call.get_executor()), state.options.buffer()
    );
    state.connection->start();
    state.call.session_.tell_audio(nullptr);
    const bool all_rates = takes_all_audio_rates(state.call.environment().version());
    state.line.emplace(state.connection, all_rates);
    co_return &*state.line;
}

void Talk::end(std::exception_ptr error) noexcept {
    state_->error = std::move(error);
    state_->connection->end();
}

asio::awaitable<void> Talk::judge() {
    auto& state = *state_;
    if (state.error)
        std::rethrow_exception(state.error);
    if (!state.result)
        state.result.error().raise();
    if (state.connection) {
        if (state.cut)
            throw AGIAppError(
                "Asterisk ended the audio before its handler: " + state.connection->fault()
            );
        co_return;
    }
    const auto status = co_await state.call.try_execute(ChannelStatus());
    std::string why = "Asterisk did not connect its audio to " + state.where;
    if (status.hung_up())
        status.error().raise();
    if (status && *status != ChannelState::up)
        why += ": the channel is not answered";
    throw AGIAppError(why);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
