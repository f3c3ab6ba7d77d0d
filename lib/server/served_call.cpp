// SPDX-License-Identifier: MIT
// A call of a server's: the accepted connection, and what the server keeps for it.
#include "server/served_call.hpp"

#include "server/server_loop.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

ServedCall::ServedCall(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct,
    std::shared_ptr<ServerLoop> loop,
    const Peer& peer,
    bool busy
)
    : HostedCall(call_, loop->services(), busy), loop_(std::move(loop)),
      transport_(make_transport(std::move(socket), std::move(executor), direct)),
      proxied_(read_header_of(peer, transport_)),
      call_(
          *(proxied_ ? proxied_.get() : static_cast<Transport*>(&transport_)),
          loop_->context()->limits,
          *this
      ),
      counted_(!proxied_) {
    call_.request().peer = peer;
}

ServedCall::~ServedCall() {
    // It never ended if its context is being destroyed, or there was no memory to go on.
    if (!call_.ended())
        loop_->on_call_closed(*this);
}

bool ServedCall::admit_peer() {
    counted_ = loop_->may_call(call_.request().peer);
    return counted_;
}

void ServedCall::on_closed() noexcept {
    loop_->on_call_closed(*this);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
