// SPDX-License-Identifier: MIT
// Listening, accepting, draining.
#include "server/server_state.hpp"

#include "protocol/log_text.hpp"

#include <costrix/agi/detail/asio_compat.hpp>

#include <asio/dispatch.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <spdlog/logger.h>
#include <spdlog/spdlog.h>

namespace costrix::agi::detail {
namespace {

using asio::ip::tcp;

std::vector<tcp::endpoint> endpoints_of(const std::string& interface, std::uint16_t port) {
    if (interface.empty())
        return {{tcp::v6(), port}, {tcp::v4(), port}};
    if (interface == "localhost")
        return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    asio::io_context context;
    tcp::resolver resolver(context);
    std::vector<tcp::endpoint> found;
    for (const auto& entry :
         resolver.resolve(interface, std::to_string(port), tcp::resolver::passive))
        found.push_back(entry.endpoint());
    return found;
}

detail::SessionLimits limits_of(const FastAGIServerOptions& options) {
    return {
        .environment =
            {.lines = options.max_environment_lines,
             .line_bytes = options.max_environment_line,
             .bytes = options.max_environment},
        .reply_bytes = options.max_reply,
        .environment_time = options.environment_timeout,
        .session_time = options.session_timeout,
        .after_hangup_time = options.after_hangup_timeout,
    };
}

}  // namespace

ServerState::ServerState(asio::any_io_executor sessions, bool strands, FastAGIServerOptions options)
    : sessions_executor_(std::move(sessions)), strands_(strands), executor_(new_executor()),
      options_(std::move(options)), limits_(limits_of(options_)), allow_(options_.allow),
      logger_(options_.logger ? options_.logger : spdlog::default_logger()), router_(logger_),
      changed_(executor_) {
    listen();
}

asio::any_io_executor ServerState::new_executor() const {
    if (strands_)
        return asio::make_strand(sessions_executor_);
    return sessions_executor_;
}

// --- where it listens ----------------------------------------------------------------------------

void ServerState::listen() {
    port_ = options_.port;
    std::exception_ptr failure;
    for (auto endpoint : endpoints_of(options_.interface, port_)) {
        endpoint.port(port_);
        try {
            auto listener = std::make_shared<Listener>(executor_, endpoint, *logger_);
            port_ = listener->endpoint().port();
            listeners_.push_back(std::move(listener));
        } catch (const std::system_error&) {
            failure = std::current_exception();
        }
        // "::" listens on IPv4 too, where the host has IPv6 at all.
        if (options_.interface.empty() && !listeners_.empty())
            break;
    }
    if (listeners_.empty())
        rethrow_with_address(failure);
}

void ServerState::rethrow_with_address(std::exception_ptr failure) const {
    const auto where =
        "listen on \"" + options_.interface + "\" port " + std::to_string(options_.port);
    try {
        if (failure)
            std::rethrow_exception(failure);
    } catch (const std::system_error& error) {
        // Asio's own category does not compare with std::errc.
        throw std::system_error(error.code().value(), std::system_category(), where);
    }
    throw std::system_error(asio::error::make_error_code(asio::error::host_not_found), where);
}

// --- calls ---------------------------------------------------------------------------------------

asio::awaitable<void> ServerState::serve() {
    accept(kNoEnd);
    bool cancelled = false;
    while (!cancelled && !stopped_)
        cancelled = co_await change(Clock::time_point::max());
    stop_accepting();
    if (!cancelled)
        co_await drain();
}

asio::awaitable<bool> ServerState::handle_one() {
    const auto deadline =
        options_.timeout ? Clock::now() + *options_.timeout : Clock::time_point::max();
    accept(1);
    bool cancelled = false;
    while (!cancelled && !stopped_ && wanted_ > 0 && Clock::now() < deadline)
        cancelled = co_await change(deadline);
    const bool accepted = wanted_ == 0;
    stop_accepting();
    awaited_ = true;
    while (!cancelled && accepted && sessions() > 0)
        cancelled = co_await change(Clock::time_point::max());
    awaited_ = false;
    co_return accepted;
}

/// Waits for the calls to end, and cancels those that are still there at the deadline.
asio::awaitable<bool> ServerState::drain() {
    const auto before = sessions();
    const auto deadline =
        options_.drain_timeout ? Clock::now() + *options_.drain_timeout : Clock::time_point::max();
    std::size_t overdue = 0;
    bool cancelled = false;
    awaited_ = true;
    while (!cancelled && sessions() > 0) {
        const bool late = Clock::now() >= deadline;
        if (late && overdue == 0) {
            overdue = sessions();
            cancel_connections();
        }
        cancelled = co_await change(late ? Clock::time_point::max() : deadline);
    }
    awaited_ = false;
    logger_->info("drained: {} calls ended, {} were cancelled", before - overdue, overdue);
    co_return cancelled;
}

void ServerState::shutdown() {
    asio::dispatch(executor_, [self = shared_from_this()] { self->close_listeners(); });
}

void ServerState::close_listeners() {
    stopped_ = true;
    for (const auto& listener : listeners_)
        listener->close();
    listeners_.clear();
    changed_.cancel();
}

void ServerState::accept(std::size_t wanted) {
    wanted_ = wanted;
    for (const auto& listener : listeners_) {
        listener->accept([this](Descriptor socket, const tcp::endpoint& peer) {
            return take(std::move(socket), peer);
        });
    }
}

void ServerState::stop_accepting() {
    for (const auto& listener : listeners_)
        listener->stop();
}

/// False when no more connections are wanted.
bool ServerState::take(Descriptor socket, const tcp::endpoint& peer) {
    const auto address = unmapped(peer.address());
    if (!allow_.contains(address)) {
        logger_->warn("{} may not call: connection closed", address.to_string());
        return true;
    }
    active_.fetch_add(1, std::memory_order_relaxed);
    auto connection = std::make_shared<Connection>(
        std::move(socket), new_executor(), !strands_, shared_from_this()
    );
    {
        std::lock_guard lock(mutex_);
        connection->set_place(connections_.insert(connections_.end(), connection));
    }
    if (strands_) {
        const auto executor = connection->get_executor();
        asio::dispatch(executor, [connection] { connection->start(); });
    } else {
        connection->start();
    }
    if (wanted_ != kNoEnd && --wanted_ == 0) {
        stop_accepting();
        changed_.cancel();
        return false;
    }
    return true;
}

void ServerState::on_connection_ended(Connection& connection) noexcept {
    {
        std::lock_guard lock(mutex_);
        connections_.erase(connection.place());
    }
    active_.fetch_sub(1, std::memory_order_relaxed);
    if (awaited_.load())
        asio::dispatch(executor_, [self = shared_from_this()] { self->changed_.cancel(); });
}

void ServerState::cancel_connections() {
    std::lock_guard lock(mutex_);
    for (const auto& place : connections_) {
        if (auto connection = place.lock()) {
            const auto executor = connection->get_executor();
            asio::post(executor, [connection = std::move(connection)] { connection->cancel(); });
        }
    }
}

/// Waits for shutdown(), the end of a session, or `until`; true when it was cancelled instead.
asio::awaitable<bool> ServerState::change(Clock::time_point until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace costrix::agi::detail
