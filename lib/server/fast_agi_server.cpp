// SPDX-License-Identifier: MIT
// FastAGIServer: the way to its loops.
#include "server/server_loops.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>

namespace costrix::agi {
namespace {

asio::awaitable<void> serve(std::shared_ptr<detail::ServerLoop> loop) {
    const auto drained = co_await loop->serve();
    if (drained)
        log_drained(loop->policy().logger(), *drained);
}

asio::awaitable<bool> handle_one(std::shared_ptr<detail::ServerLoop> loop) {
    co_return co_await loop->handle_one();
}

}  // namespace

struct FastAGIServer::Impl : detail::ServerLoops {
    using ServerLoops::ServerLoops;
};

FastAGIServer::FastAGIServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

FastAGIServer::FastAGIServer(asio::any_io_executor executor, Options options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options))) {}

FastAGIServer::~FastAGIServer() = default;

void FastAGIServer::run(std::size_t threads) {
    impl_->run(threads);
}

asio::awaitable<void> FastAGIServer::serve_forever() {
    const auto& loop = impl_->first();
    return asio::co_spawn(loop->executor(), serve(loop), asio::use_awaitable);
}

asio::awaitable<bool> FastAGIServer::handle_request() {
    const auto& loop = impl_->first();
    return asio::co_spawn(loop->executor(), handle_one(loop), asio::use_awaitable);
}

void FastAGIServer::shutdown() {
    impl_->shutdown();
}

std::uint16_t FastAGIServer::port() const noexcept {
    return impl_->first()->port();
}

std::size_t FastAGIServer::sessions() const noexcept {
    return impl_->sessions();
}

ServerCounters FastAGIServer::counters() const noexcept {
    return impl_->counters();
}

void FastAGIServer::register_script_handler(
    std::optional<std::string> pattern,
    ScriptHandler handler
) {
    impl_->router().register_script_handler(std::move(pattern), std::move(handler));
}

void FastAGIServer::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->router().register_script_handler(pattern, std::move(handler));
}

bool FastAGIServer::unregister_script_handler(std::string_view pattern) {
    return impl_->router().unregister_script_handler(pattern);
}

bool FastAGIServer::unregister_script_handler(const boost::regex& pattern) {
    return impl_->router().unregister_script_handler(pattern);
}

void FastAGIServer::clear_script_handlers() {
    impl_->router().clear_script_handlers();
}

Router::Found FastAGIServer::get_script_handler(std::string_view path) const {
    return impl_->router().get_script_handler(path);
}

}  // namespace costrix::agi
