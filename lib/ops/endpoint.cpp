// SPDX-License-Identifier: MIT
// Endpoint: RESTinio's server on a thread of its own, or on the user's io_context.
#include "ops/site.hpp"

#include <costrix/ops/endpoint.hpp>

#include <fcntl.h>
#include <poll.h>

#include <atomic>
#include <functional>
#include <restinio/http_server.hpp>
#include <restinio/message_builders.hpp>
#include <restinio/settings.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

namespace costrix::inline COSTRIX_ABI::ops {
namespace {

/// Programs that a handler starts do not inherit it: once RESTinio moves it from its acceptor to a
/// connection, it is close-on-exec.
class Socket : public asio::ip::tcp::socket {
public:
    using asio::ip::tcp::socket::basic_stream_socket;
    Socket(Socket&& other) noexcept : basic_stream_socket(std::move(other)) {
        if (is_open())
            fcntl(native_handle(), F_SETFD, FD_CLOEXEC);
    }
    Socket& operator=(Socket&&) noexcept = default;
};

struct Traits : restinio::default_traits_t {
    using request_handler_t =
        std::function<restinio::request_handling_status_t(restinio::request_handle_t)>;
    using stream_socket_t = Socket;
    static constexpr bool use_connection_count_limiter = true;
};

using Server = restinio::http_server_t<Traits>;

std::string_view field(const restinio::request_t& request, restinio::http_field_t name) {
    const auto* value = request.header().try_get_field(name);
    return value ? std::string_view(*value) : std::string_view();
}

detail::HttpRequest read(const restinio::request_t& request) {
    const auto& header = request.header();
    const auto path = header.path();
    const auto query = header.query();
    return {
        header.method() == restinio::http_method_get() ||
            header.method() == restinio::http_method_head(),
        {path.data(), path.size()},
        {query.data(), query.size()},
        field(request, restinio::http_field::host),
        field(request, restinio::http_field::accept)};
}

detail::HttpResponse respond(detail::Site& site, const restinio::request_t& request) noexcept {
    try {
        return site.respond(read(request));
    } catch (...) {
        return {500};  // no memory
    }
}

restinio::request_handling_status_t
handle(detail::Site& site, const restinio::request_handle_t& request) {
    auto response = respond(site, *request);
    const auto status = restinio::http_status_code_t(static_cast<std::uint16_t>(response.status));
    auto reply = request->create_response({status, response.status < 400 ? "OK" : "Error"});
    reply.connection_close();
    reply.append_header_date_field();
    reply.append_header("Content-Type", std::string(response.type));
    reply.append_header("Cache-Control", "no-store");
    reply.append_header("Content-Security-Policy", response.content_security_policy);
    reply.append_header("Cross-Origin-Resource-Policy", "same-origin");
    reply.append_header("Referrer-Policy", "no-referrer");
    reply.append_header("X-Content-Type-Options", "nosniff");
    if (response.status == 405)
        reply.append_header("Allow", "GET, HEAD");
    if (request->header().method() != restinio::http_method_head())
        reply.set_body(std::move(response.body));
    return reply.done();
}

asio::ip::address address_of(const Options& options) {
    error_code error;
    auto address = asio::ip::make_address(options.address, error);
    if (error)
        throw std::invalid_argument(
            "ops::Options::address is \"" + options.address + "\", which is not an IP address"
        );
    return address;
}

restinio::incoming_http_msg_limits_t message_limits() {
    return restinio::incoming_http_msg_limits_t()
        .max_url_size(2048)
        .max_field_name_size(256)
        .max_field_value_size(4096)
        .max_field_count(64)
        .max_body_size(0);
}

/// Tells in the message what it could not listen on.
void open(Server& http, const Options& options) {
    try {
        http.open_sync();
    } catch (const system_error& error) {
        throw system_error(
            error.code(),
            "the ops endpoint cannot listen on " + options.address + " port " +
                std::to_string(options.port)
        );
    }
}

/// RESTinio does not accept again after an accept has failed, as it does while the process has no
/// descriptor left. So look now and then whether connections wait and nobody is served.
class AcceptWatch : public std::enable_shared_from_this<AcceptWatch> {
public:
    AcceptWatch(asio::io_context& context, std::chrono::milliseconds interval)
        : timer_(context), interval_(interval) {}

    void start(Server& http) {
        http_ = &http;
        timer_.expires_after(interval_);
        timer_.async_wait([self = shared_from_this()](const error_code&) {
            if (!self->http_)
                return;
            self->look();
            self->start(*self->http_);
        });
    }
    void stop() noexcept {
        http_ = nullptr;
        timer_.cancel();
    }
    void served() noexcept { ++served_; }
    void listens(int descriptor) noexcept { descriptor_ = descriptor; }

private:
    void look() {
        pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
        const auto served = served_.load();
        const bool idle = std::exchange(served_before_, served) == served;
        const bool stuck = idle && (descriptor_ < 0 || poll(&waiting, 1, 0) > 0);
        if (!std::exchange(stuck_, stuck) || !stuck)
            return;  // twice in succession: by now, whoever holds a connection has lost it
        try {
            descriptor_ = -1;
            http_->close_sync();
            http_->open_sync();
        } catch (const std::exception&) {  // still no descriptor: at the next look
        }
    }

    asio::steady_timer timer_;
    Server* http_ = nullptr;
    const std::chrono::milliseconds interval_;
    int descriptor_ = -1;
    std::atomic<std::uint64_t> served_{0};
    std::uint64_t served_before_ = 0;
    bool stuck_ = false;
};

}  // namespace

struct Endpoint::Impl {
    Impl(
        std::unique_ptr<asio::io_context> own,
        asio::io_context* context,
        agi::FastAGIServer& server,
        std::shared_ptr<const Metrics> metrics,
        const Options& options
    );
    ~Impl();
    template <class Settings>
    void configure(Settings& settings, const Options& options);

    std::unique_ptr<asio::io_context> own;  // or null, on the user's
    std::shared_ptr<detail::Site> site;
    std::shared_ptr<AcceptWatch> watch;
    std::uint16_t port = 0;
    std::unique_ptr<Server> http;
    std::thread thread;
};

Endpoint::Impl::Impl(
    std::unique_ptr<asio::io_context> its_own,
    asio::io_context* context,
    agi::FastAGIServer& server,
    std::shared_ptr<const Metrics> metrics,
    const Options& options
)
    : own(std::move(its_own)) {
    if (!metrics)
        throw std::invalid_argument("ops::Endpoint: there are no Metrics");
    if (options.max_connections == 0)
        throw std::invalid_argument("ops::Options::max_connections is 0");
    auto& runs_on = own ? *own : *context;
    site = std::make_shared<detail::Site>(server, std::move(metrics), options.host_names);
    watch = std::make_shared<AcceptWatch>(runs_on, options.timeout + std::chrono::seconds(1));
    http = std::make_unique<Server>(restinio::external_io_context(runs_on), [&](auto& settings) {
        configure(settings, options);
    });
    open(*http, options);
    watch->start(*http);
    if (own)
        thread = std::thread([this] { own->run(); });
}

template <class Settings>
void Endpoint::Impl::configure(Settings& settings, const Options& options) {
    const auto address = address_of(options);
    settings.port(options.port).address(address);
    settings.protocol(address.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4());
    settings.max_parallel_connections(options.max_connections);
    settings.incoming_http_msg_limits(message_limits());
    settings.read_next_http_message_timelimit(options.timeout);
    settings.write_http_response_timelimit(options.timeout);
    settings.handle_request_timeout(options.timeout);
    settings.acceptor_post_bind_hook([this](asio::ip::tcp::acceptor& acceptor) {
        fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
        watch->listens(acceptor.native_handle());
        port = acceptor.local_endpoint().port();
    });
    settings.request_handler([site = site,
                              watch = watch](const restinio::request_handle_t& request) {
        watch->served();
        return handle(*site, request);
    });
}

Endpoint::Impl::~Impl() {
    site->detach();
    if (own) {
        own->stop();
        thread.join();
    }
    watch->stop();
}

Endpoint::Endpoint(
    agi::FastAGIServer& server,
    std::shared_ptr<const Metrics> metrics,
    Options options
)
    : impl_(std::make_unique<Impl>(
          std::make_unique<asio::io_context>(1),
          nullptr,
          server,
          std::move(metrics),
          options
      )) {}

Endpoint::Endpoint(
    asio::io_context& context,
    agi::FastAGIServer& server,
    std::shared_ptr<const Metrics> metrics,
    Options options
)
    : impl_(std::make_unique<Impl>(nullptr, &context, server, std::move(metrics), options)) {}

Endpoint::~Endpoint() = default;

std::uint16_t Endpoint::port() const noexcept {
    return impl_->port;
}

}  // namespace costrix::inline COSTRIX_ABI::ops
