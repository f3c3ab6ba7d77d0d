// SPDX-License-Identifier: MIT
// talk(): EXEC AudioSocket, the connection that it makes, and how both end.
#include "audio/audio_connection.hpp"
#include "audio/audio_invitation.hpp"

#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/talk.hpp>

#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

struct Talk::State {
    State(AGI& its_call, const AudioOptions& its_options) : call(its_call), options(its_options) {}

    AGI& call;
    AudioOptions options;
    std::optional<AudioInvitation> invitation;
    std::shared_ptr<AudioConnection> connection;
    std::optional<AudioLine> line;
    Result<Exec::Result> result;
    std::exception_ptr error;  // of the handler
    bool cut = false;          // the application ended before the line
};

Talk::Talk(AGI& call, const AudioOptions& options)
    : state_(std::make_unique<State>(call, options)) {}

Talk::~Talk() {
    if (!state_->connection)
        return;
    state_->connection->end();
    state_->connection->report_to(nullptr);
    const auto counters = state_->connection->counters();
    session_of(state_->call).tell_audio(&counters);
}

void Talk::listen() {
    state_->invitation.emplace(state_->call, state_->options);
}

asio::awaitable<void> Talk::execute() {
    auto& state = *state_;
    const auto arguments = state.invitation->uuid() + ',' + state.invitation->where();
    const auto audio_socket = Exec::raw("AudioSocket", arguments);
    state.result = co_await state.call.try_execute(audio_socket);
    state.invitation->revoke();
    if (!state.connection)
        co_return;
    state.cut = !state.connection->ended_here();
    state.connection->stop();  // what the caller has said can still be read
}

asio::awaitable<AudioLine*> Talk::connect() {
    auto& state = *state_;
    state.connection = co_await state.invitation->wait(AudioConnection::Output::played);
    if (!state.connection)
        co_return nullptr;
    session_of(state.call).tell_audio(nullptr);
    state.connection->report_to(AudioReport::to_observer_of(session_of(state.call)));
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
    std::string why = "Asterisk did not connect its audio to " + state.invitation->where();
    if (status.hung_up())
        status.error().raise();
    if (status && *status != ChannelState::up)
        why += ": the channel is not answered";
    throw AGIAppError(why);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
