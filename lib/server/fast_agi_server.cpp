// SPDX-License-Identifier: MIT
// The server: where it listens, when it stops, and how it waits for the last call.
#include "server/connection.hpp"
#include "server/listener.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/dispatch.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <spdlog/logger.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <vector>

namespace costrix::agi {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

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

/// What the server and its connections share. It outlives the FastAGIServer while calls run.
class ServerState final : public detail::ConnectionHost,
                          public std::enable_shared_from_this<ServerState> {
public:
    /// `strands`: sessions may run on several threads, so each gets a strand.
    ServerState(asio::any_io_executor sessions, bool strands, FastAGIServerOptions options)
        : sessions_executor_(std::move(sessions)), strands_(strands), executor_(new_executor()),
          options_(std::move(options)), limits_(limits_of(options_)),
          logger_(options_.logger ? options_.logger : spdlog::default_logger()), router_(logger_),
          changed_(executor_) {
        listen();
    }

    asio::any_io_executor executor() const { return executor_; }
    std::uint16_t port() const noexcept { return port_; }
    std::size_t sessions() const noexcept { return active_.load(std::memory_order_relaxed); }
    Router& handlers() noexcept { return router_; }

    asio::awaitable<void> serve() {
        accept(static_cast<std::size_t>(-1));
        bool cancelled = false;
        while (!cancelled && (!stopped_ || sessions() > 0))
            cancelled = co_await change(Clock::time_point::max());
        stop_accepting();
    }

    asio::awaitable<bool> handle_one() {
        const auto deadline =
            options_.timeout ? Clock::now() + *options_.timeout : Clock::time_point::max();
        accept(1);
        bool cancelled = false;
        while (!cancelled && !stopped_ && wanted_ > 0 && Clock::now() < deadline)
            cancelled = co_await change(deadline);
        const bool accepted = wanted_ == 0;
        stop_accepting();
        while (!cancelled && accepted && sessions() > 0)
            cancelled = co_await change(Clock::time_point::max());
        co_return accepted;
    }

    /// From any thread.
    void shutdown() {
        asio::dispatch(executor_, [self = shared_from_this()] { self->close_listeners(); });
    }

    /// On the server's executor, or when nothing runs on it.
    void close_listeners() {
        stopped_ = true;
        for (const auto& listener : listeners_)
            listener->close();
        listeners_.clear();
        changed_.cancel();
    }

private:
    const Router& router() const noexcept override { return router_; }
    spdlog::logger& logger() const noexcept override { return *logger_; }
    const detail::SessionLimits& limits() const noexcept override { return limits_; }

    void on_connection_ended() noexcept override {
        active_.fetch_sub(1, std::memory_order_relaxed);
        asio::dispatch(executor_, [self = shared_from_this()] { self->changed_.cancel(); });
    }

    asio::any_io_executor new_executor() const {
        if (strands_)
            return asio::make_strand(sessions_executor_);
        return sessions_executor_;
    }

    void listen() {
        port_ = options_.port;
        std::exception_ptr failure;
        for (auto endpoint : endpoints_of(options_.interface, port_)) {
            endpoint.port(port_);
            try {
                auto listener = std::make_shared<detail::Listener>(executor_, endpoint, *logger_);
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

    [[noreturn]] void rethrow_with_address(std::exception_ptr failure) const {
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

    void accept(std::size_t wanted) {
        wanted_ = wanted;
        for (const auto& listener : listeners_) {
            listener->accept(
                [this] { return new_executor(); },
                [this](tcp::socket socket) { return take(std::move(socket)); }
            );
        }
    }

    void stop_accepting() {
        for (const auto& listener : listeners_)
            listener->stop();
    }

    bool take(tcp::socket socket) {
        active_.fetch_add(1, std::memory_order_relaxed);
        auto connection =
            std::make_shared<detail::Connection>(std::move(socket), shared_from_this());
        if (strands_) {
            const auto executor = connection->get_executor();
            asio::dispatch(executor, [connection] { connection->start(); });
        } else {
            connection->start();
        }
        if (wanted_ != static_cast<std::size_t>(-1) && --wanted_ == 0) {
            stop_accepting();
            changed_.cancel();
            return false;
        }
        return true;
    }

    /// Waits until a session has ended or somebody called shutdown(); true when cancelled instead.
    asio::awaitable<bool> change(Clock::time_point until) {
        changed_.expires_at(until);
        co_await changed_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        co_return state.cancelled() != asio::cancellation_type::none;
    }

    asio::any_io_executor sessions_executor_;
    bool strands_;
    asio::any_io_executor executor_;
    FastAGIServerOptions options_;
    detail::SessionLimits limits_;
    std::shared_ptr<spdlog::logger> logger_;
    Router router_;
    std::vector<std::shared_ptr<detail::Listener>> listeners_;
    asio::steady_timer changed_;  // cancelled whenever serve() has something to look at
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> active_ = 0;
    std::size_t wanted_ = 0;  // how many connections are to be accepted
    bool stopped_ = false;
};

}  // namespace

struct FastAGIServer::Impl {
    std::unique_ptr<asio::io_context> context;  // null when the executor is the user's
    std::shared_ptr<ServerState> state;
};

FastAGIServer::FastAGIServer(Options options) : impl_(std::make_unique<Impl>()) {
    impl_->context = std::make_unique<asio::io_context>(1);
    impl_->state =
        std::make_shared<ServerState>(impl_->context->get_executor(), false, std::move(options));
}

FastAGIServer::FastAGIServer(asio::any_io_executor executor, Options options)
    : impl_(std::make_unique<Impl>()) {
    impl_->state = std::make_shared<ServerState>(std::move(executor), true, std::move(options));
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
    signals.async_wait([state = impl_->state](std::error_code error, int) {
        if (!error)
            state->shutdown();
    });
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
