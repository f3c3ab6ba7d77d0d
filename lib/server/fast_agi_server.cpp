// SPDX-License-Identifier: MIT
// FastAGIServer: its own io_context, if it has one, and the way to the shared state.
#include "server/server_state.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <spdlog/logger.h>

#include <csignal>
#include <stdexcept>

namespace costrix::agi {

struct FastAGIServer::Impl {
    std::unique_ptr<asio::io_context> context;  // null when the executor is the user's
    std::shared_ptr<detail::ServerState> state;
};

FastAGIServer::FastAGIServer(Options options) : impl_(std::make_unique<Impl>()) {
    impl_->context = std::make_unique<asio::io_context>(1);
    impl_->state = std::make_shared<detail::ServerState>(
        impl_->context->get_executor(), false, std::move(options)
    );
}

FastAGIServer::FastAGIServer(asio::any_io_executor executor, Options options)
    : impl_(std::make_unique<Impl>()) {
    impl_->state =
        std::make_shared<detail::ServerState>(std::move(executor), true, std::move(options));
}

FastAGIServer::~FastAGIServer() {
    if (impl_->context)
        impl_->state->close_listeners();
    else
        impl_->state->shutdown();
}

void FastAGIServer::run() {
    if (!impl_->context)
        throw std::logic_error("FastAGIServer::run() on a server that was given an executor");
    auto& context = *impl_->context;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    auto second = [&context](std::error_code error, int) {
        if (!error)
            context.stop();  // somebody is in a hurry
    };
    auto first = [&signals, second, state = impl_->state](std::error_code error, int) {
        if (error)
            return;
        state->shutdown();
        signals.async_wait(second);
    };
    signals.async_wait(first);
    std::exception_ptr failure;
    asio::co_spawn(context, impl_->state->serve(), [&](std::exception_ptr error) {
        failure = std::move(error);
        signals.cancel();
    });
    context.restart();
    context.run();
    if (failure)
        std::rethrow_exception(failure);
}

asio::awaitable<void> FastAGIServer::serve_forever() {
    return asio::co_spawn(impl_->state->executor(), impl_->state->serve(), asio::use_awaitable);
}

asio::awaitable<bool> FastAGIServer::handle_request() {
    return asio::co_spawn(
        impl_->state->executor(), impl_->state->handle_one(), asio::use_awaitable
    );
}

void FastAGIServer::shutdown() {
    impl_->state->shutdown();
}

std::uint16_t FastAGIServer::port() const noexcept {
    return impl_->state->port();
}

std::size_t FastAGIServer::sessions() const noexcept {
    return impl_->state->sessions();
}

void FastAGIServer::register_script_handler(
    std::optional<std::string> pattern,
    ScriptHandler handler
) {
    impl_->state->handlers().register_script_handler(std::move(pattern), std::move(handler));
}

void FastAGIServer::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->state->handlers().register_script_handler(pattern, std::move(handler));
}

bool FastAGIServer::unregister_script_handler(std::string_view pattern) {
    return impl_->state->handlers().unregister_script_handler(pattern);
}

bool FastAGIServer::unregister_script_handler(const boost::regex& pattern) {
    return impl_->state->handlers().unregister_script_handler(pattern);
}

void FastAGIServer::clear_script_handlers() {
    impl_->state->handlers().clear_script_handlers();
}

Router::Found FastAGIServer::get_script_handler(std::string_view path) const {
    return impl_->state->handlers().get_script_handler(path);
}

}  // namespace costrix::agi
