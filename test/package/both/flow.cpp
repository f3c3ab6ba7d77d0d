// SPDX-License-Identifier: MIT
// A server of whichever Asio this is compiled for, on an io_context of its own; it listens and
// ends.
#include <costrix/agi.hpp>

/// True if it could listen and be shut down.
bool FLOW() {
    namespace asio = costrix::asio;
    asio::io_context context;
    costrix::agi::FastAGIServerOptions options;
    options.port = 0;
    costrix::agi::FastAGIServer server(context.get_executor(), options);
    asio::co_spawn(context, server.serve_forever(), asio::detached);
    server.shutdown();
    context.run();
    return server.port() != 0;
}
