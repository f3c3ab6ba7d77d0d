// SPDX-License-Identifier: MIT
// A transport whose peer is a proxy that says, by the PROXY protocol, for whom it connects.
#include "transport/proxied_transport.hpp"

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void ProxiedTransport::on_read(error_code error, std::string_view bytes) {
    if (state_ == State::header && error && error != asio::error::no_memory) {
        owner_.on_bad_proxy_header("the PROXY header was cut");
        return;
    }
    if (state_ <= State::header && !error && !read_header(bytes))
        return;
    if (state_ == State::behind && !bytes.empty()) {
        if (!owner_.may_begin())
            return;
        state_ = State::open;
    }
    if (error || !bytes.empty())
        events_->on_read(error, bytes);
}

/// False until the header is complete; then `bytes` is what stands behind it.
bool ProxiedTransport::read_header(std::string_view& bytes) {
    state_ = State::header;
    switch (reader_->next(bytes)) {
    case ProxyHeaderReader::Event::need_more:
        return false;
    case ProxyHeaderReader::Event::malformed:
        owner_.on_bad_proxy_header(reader_->why());
        return false;
    default:
        state_ = State::behind;
        owner_.on_proxy_header(reader_->source());
        reader_.reset();
        return true;
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
