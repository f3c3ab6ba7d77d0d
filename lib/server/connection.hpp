// SPDX-License-Identifier: MIT
// One accepted connection: its session, its request, and the handler that runs for it.
#pragma once

#include "server/counters.hpp"
#include "server/policy.hpp"
#include "session/session.hpp"
#include "transport/tcp_transport.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/router.hpp>

#include <asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>

namespace costrix::agi::detail {

class Connection;

/// What connections need of the server that accepted them.
class ConnectionHost {
public:
    virtual const Router& router() const noexcept = 0;
    virtual const Policy& policy() const noexcept = 0;
    virtual Counters& counters() noexcept = 0;
    spdlog::logger& logger() const noexcept { return policy().logger(); }
    const SessionLimits& limits() const noexcept { return policy().limits(); }
    /// A connection has ended; called once for each, on its executor.
    virtual void on_connection_ended(Connection& connection) noexcept = 0;

protected:
    ~ConnectionHost() = default;
};

/// Lives from accept to close; whatever is pending for it holds a reference. Its server has it in
/// a list.
class Connection final : public SessionOwner,
                         public std::enable_shared_from_this<Connection>,
                         public boost::intrusive::list_base_hook<> {
public:
    /// `executor` and `direct`: see TcpTransport. `busy`: the server has as many calls as it may;
    /// this one is for Options::busy.
    Connection(
        Descriptor socket,
        std::shared_ptr<const asio::any_io_executor> executor,
        bool direct,
        std::shared_ptr<ConnectionHost> host,
        const asio::ip::address& peer,
        bool busy
    );
    ~Connection();

    /// Begins to read the environment; the rest follows from it.
    void start();

    /// Cancels the handler (terminal), which may still clean up. On the connection's executor.
    void cancel();

    asio::any_io_executor get_executor() const noexcept { return session_.get_executor(); }

    const asio::ip::address& peer() const noexcept { return peer_; }
    bool busy() const noexcept { return busy_; }

private:
    using Clock = std::chrono::steady_clock;
    class Ending;

    void on_environment(std::string_view fault) override;
    void on_line(bool sent, std::string_view line) override;
    void on_protocol_error(std::string_view what) override;
    void on_overtime(std::string_view what) override;
    void on_more_overtime() override;
    void on_stray_exception(std::exception_ptr error) noexcept override;
    void on_disconnect() override;

    bool prepare();
    bool route();
    bool admitted();
    void begin_recording();
    void end_recording();
    void run_handler();
    void finish(std::exception_ptr error) noexcept;
    void log_end(const std::exception_ptr& error);
    std::string name() const;
    void log_call(std::string_view how);
    void log_failure(Counter kind, std::string_view what);
    /// Counts and logs what is wrong with this call.
    template <class... Args>
    void report(Counter kind, spdlog::format_string_t<Args...> text, Args&&... args) {
        host_->counters().add(kind);
        host_->policy().log(kind, spdlog::level::warn, text, std::forward<Args>(args)...);
    }

    std::shared_ptr<ConnectionHost> host_;
    TcpTransport transport_;
    Session session_;
    AGI agi_;
    Request request_;
    std::shared_ptr<const ScriptHandler> handler_;
    std::unique_ptr<CallRecording> recording_;  // null when this call is not recorded
    asio::cancellation_signal cancel_handler_;
    Clock::time_point accepted_ = Clock::now();
    asio::ip::address peer_;
    bool busy_;
    bool ended_ = false;
};

}  // namespace costrix::agi::detail
