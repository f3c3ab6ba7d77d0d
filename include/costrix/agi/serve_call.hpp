// SPDX-License-Identifier: MIT
// serve_call: one call over a stream that you opened, without a server.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/call_result.hpp>
#include <costrix/agi/detail/asio_transport.hpp>
#include <costrix/agi/detail/stream_call.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/server_counters.hpp>
#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What calls over streams of yours have in common: options, counters, recordings, and the limit of
/// what they log. Make one and pass copies of it, which share all that.
///
/// Of FastAGIServerOptions apply: `admission`, `logger`, `record`, the limits on environment, path,
/// replies and backlog, `environment_timeout`, `session_timeout`, `after_hangup_timeout` and
/// `channel_check_interval`, and `proxy_protocol_from`: the header is read from the stream that you
/// give, and "unix" is any stream whose lowest layer is no TCP socket. The others are about
/// accepting connections, which is yours: where to listen, who may connect, how many at once, TCP's
/// own time-outs, and how to end.
class CallOptions {
public:
    /// The defaults.
    CallOptions() : CallOptions(FastAGIServerOptions()) {}
    /// Throws as FastAGIServer's constructor.
    CallOptions(FastAGIServerOptions options);

    /// A snapshot of what happened to the calls that were given this or a copy of it.
    ServerCounters counters() const noexcept;

private:
    friend class detail::StreamCall;
    std::shared_ptr<const detail::ServerContext> context_;
};

/// Serves one call over a connected stream, and completes when the call has ended, with how it
/// ended: finds the handler for its path in `router`, runs it, logs one line.
///
/// `stream` is an AsyncReadStream and AsyncWriteStream that can be closed, alone or at its
/// lowest_layer(): a TCP or Unix socket, an ssl::stream after its handshake, one of your own. It is
/// taken over, and closed in the end. The call runs on its executor, which must run one handler at
/// a time: that of a context with one thread, or a strand.
///
/// Request::peer is set where the lowest layer is a TCP socket. `token` is any completion token for
/// `void(CallResult)`; nothing is thrown. Lifetime: `router` must outlive the call's environment;
/// the handler is kept alive.
///
/// Cancellation (terminal): cancels what the handler awaits. It can clean up, and then the call
/// ends. A call without a handler ends at once.
template <detail::ClosableStream Stream, class Token = asio::use_awaitable_t<>>
auto serve_call(
    Stream stream,
    const Router& router,
    CallOptions options = CallOptions(),
    Token token = Token()
) {
    auto peer = detail::peer_of(stream);
    std::unique_ptr<detail::Transport> transport =
        std::make_unique<detail::AsioTransport<Stream>>(std::move(stream));
    return asio::async_initiate<Token, void(CallResult)>(
        detail::StartCall{&router, transport->get_executor()},
        token,
        std::move(transport),
        std::move(peer),
        std::move(options)
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
