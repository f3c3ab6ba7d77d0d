// SPDX-License-Identifier: MIT
// A call over a stream of the user's: hosted like a server's, with one who waits for its end.
#pragma once

#include "server/acceptor.hpp"
#include "server/allow_list.hpp"
#include "server/hosted_call.hpp"

#include <costrix/agi/serve_call.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <optional>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Lives from the start to the close; whatever is pending for it shares ownership.
class StreamCall final : public HostedCall, public std::enable_shared_from_this<StreamCall> {
public:
    StreamCall(
        std::unique_ptr<Transport> transport,
        const Peer& peer,
        const Router& router,
        const CallOptions& options
    );
    ~StreamCall();

    /// On its executor, as cancel().
    void start(std::unique_ptr<CallWaiter> waiter);
    void cancel() { call_.cancel(); }
    const asio::any_io_executor& get_executor() const noexcept {
        return transport_->get_executor();
    }

private:
    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    void on_fault(Fault fault, std::string_view why) override;
    void on_refused(Counter reason, const std::string& why) override;
    void on_handler_end(const CallEnd& end) override;
    void on_end(const CallEnd& end) noexcept override;
    void on_closed() noexcept override;

    /// The first reason for the end is the one that counts.
    void decide(CallOutcome how, std::string reason);

    const CallServices services_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<ProxiedTransport> proxied_;  // over transport_; null if the peer is no proxy
    Call call_;
    std::unique_ptr<CallWaiter> waiter_;  // until it was told
    CallResult result_;
    bool started_ = false;
    bool decided_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
