// SPDX-License-Identifier: MIT
// A call that is routed, admitted, logged, counted and recorded, wherever it comes from.
#pragma once

#include "call/call.hpp"
#include "server/call_services.hpp"
#include "server/dispatch.hpp"
#include "transport/proxied_transport.hpp"

#include <costrix/asio.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The host of a Call that it shares its lifetime with.
class HostedCall : public CallHost, private ProxiedTransport::Owner {
public:
    const Request& request() const noexcept { return call_.request(); }
    bool busy() const noexcept { return busy_; }

protected:
    /// Both outlive it; `call` need not be constructed yet. `busy`: it is one for Options::busy.
    HostedCall(Call& call, const CallServices& services, bool busy)
        : call_(call), services_(services), busy_(busy) {}
    ~HostedCall();

    /// Reads a PROXY header before the environment, if the peer is a proxy; null if it is none.
    std::unique_ptr<ProxiedTransport> read_header_of(const Peer& peer, Transport& transport);
    void start();
    const CallServices& services() const noexcept { return services_; }
    CallLog log() const noexcept { return {services_.log(), call_}; }

    void on_fault(Fault fault, std::string_view why) override;
    void on_end(const CallEnd& end) noexcept override;
    /// The handler has ended, or the call without one; it was logged.
    virtual void on_handler_end(const CallEnd&) {}
    /// What a PROXY header names as the peer may call; false if that was refused and logged.
    virtual bool admit_peer() { return true; }
    /// It gets no handler, and the connection is closed.
    virtual void on_refused(Counter reason, const std::string& why);

private:
    std::shared_ptr<const ScriptHandler> route() override;
    void on_line(bool sent, std::string_view line) override;
    void on_stray_exception(const std::exception_ptr& error) override;
    void on_observer_exception(const std::exception_ptr& error) noexcept override;
    void on_disconnect() override;
    void on_proxy_header(const std::optional<ProxySource>& source) override;
    bool may_begin() override;
    void on_bad_proxy_header(std::string_view why) override;

    asio::awaitable<void> admit(AGI& agi, std::shared_ptr<const ScriptHandler> handler);
    void finish(const CallEnd& end);
    void tell_refusal(Refusal::Reason reason, std::string_view why) const noexcept;

    Call& call_;
    const CallServices& services_;
    bool busy_;
    bool begun_ = false;      // it has got a handler
    bool admitting_ = false;  // the admission's coroutine runs
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
