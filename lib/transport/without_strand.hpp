// SPDX-License-Identifier: MIT
// For what all sessions of an execution context share.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/strand.hpp>

namespace costrix::agi::detail {

/// The executor below a session's strand: what runs on the strand waits for that session's handler.
inline asio::any_io_executor without_strand(const asio::any_io_executor& executor) {
    using Strand = asio::strand<asio::any_io_executor>;
    const auto* const strand = executor.target<Strand>();
    return strand ? strand->get_inner_executor() : executor;
}

}  // namespace costrix::agi::detail
