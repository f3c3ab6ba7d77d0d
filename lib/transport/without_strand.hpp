// SPDX-License-Identifier: MIT
// For what all sessions of an execution context share.
#pragma once

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The executor below a session's strand: what runs on the strand waits for that session's handler.
inline asio::any_io_executor without_strand(const asio::any_io_executor& executor) {
    using Strand = asio::strand<asio::any_io_executor>;
    const auto* const strand = executor.target<Strand>();
    return strand ? strand->get_inner_executor() : executor;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
