// SPDX-License-Identifier: MIT
// A call of a server's: the accepted connection, and what the server keeps for it.
#pragma once

#include "call/call.hpp"
#include "server/acceptor.hpp"
#include "server/call_log.hpp"
#include "transport/socket_transport.hpp"

#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class ServerLoop;

/// Lives from accept to close; whatever is pending for it shares ownership. Its loop lists it.
class ServedCall final : public CallHost,
                         public std::enable_shared_from_this<ServedCall>,
                         public boost::intrusive::list_base_hook<> {
public:
    /// `executor` and `direct`: see make_transport(). `busy`: it is one for Options::busy.
    ServedCall(
        Descriptor socket,
        std::shared_ptr<const asio::any_io_executor> executor,
        bool direct,
        std::shared_ptr<ServerLoop> loop,
        const Peer& peer,
        bool busy
    );
    ~ServedCall();

    void start();
    /// See Call::cancel(). On the call's executor.
    void cancel() { call_.cancel(); }

    const asio::any_io_executor& get_executor() const noexcept { return transport_.get_executor(); }
    const Request& request() const noexcept { return call_.request(); }
    bool busy() const noexcept { return busy_; }

private:
    using Clock = std::chrono::steady_clock;

    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    std::shared_ptr<const ScriptHandler> route() override;
    void on_line(bool sent, std::string_view line) override;
    void on_fault(Fault fault, std::string_view why) override { log().fault(fault, why); }
    void on_stray_exception(const std::exception_ptr& error) override;
    void on_disconnect() override;
    void on_end(const CallEnd& end) noexcept override;
    void on_closed() noexcept override;

    CallLog log() const noexcept;
    void begin_recording();

    std::shared_ptr<ServerLoop> loop_;
    SocketTransport transport_;
    Call call_;
    std::unique_ptr<CallRecording> recording_;  // null when the call is not recorded
    Clock::time_point accepted_ = Clock::now();
    bool busy_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
