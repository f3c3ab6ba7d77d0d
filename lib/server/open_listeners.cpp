// SPDX-License-Identifier: MIT
// The listening sockets of an event loop: those that the options name, or those of the user's.
#include "server/open_listeners.hpp"

#include "server/listening_socket.hpp"
#include "server/unix_socket.hpp"

#include <costrix/asio.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

Listeners open_listeners(
    const asio::any_io_executor& executor,
    const ServerContext& context,
    const std::shared_ptr<Counters>& counters,
    std::vector<StreamAcceptor> acceptors
) {
    const auto& options = context.options;
    Listeners listeners;
    const auto add = [&](StreamAcceptor acceptor, SocketControl control) {
        listeners.push_back(
            std::make_shared<Listener>(std::move(acceptor), counters, context.messages, control)
        );
    };
    if (!acceptors.empty()) {
        for (auto& given : acceptors)
            add(adopt(std::move(given), executor, options.peer_timeout), SocketControl::none);
    } else if (options.unix_socket.empty()) {
        for (auto& acceptor : listen_on_interface(executor, options))
            add(std::move(acceptor), SocketControl::all);
    } else {
        UnixSocketFile file;
        add(listen_on_unix_socket(executor, options, file), SocketControl::queue);
        listeners.back()->keep_file(std::move(file));
    }
    return listeners;
}

Listeners open_more_listeners(
    const asio::any_io_executor& executor,
    const ServerContext& context,
    const std::shared_ptr<Counters>& counters,
    const Listeners& first
) {
    Listeners listeners;
    for (const auto& other : first) {
        if (other->closed())
            continue;
        listeners.push_back(std::make_shared<Listener>(
            other->open_another(executor, context.options.peer_timeout),
            counters,
            context.messages,
            other->control()
        ));
    }
    return listeners;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
