// SPDX-License-Identifier: MIT
// Which executor a server's calls run on: its own, a strand for each, or one that is serial
// already.
#pragma once

#include "transport/without_strand.hpp"

#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// How the calls of a loop share its executor.
enum class CallExecutors : std::uint8_t {
    direct,   ///< One thread runs it: calls run on it, and their events come without a detour.
    strand,   ///< It is a strand: calls run on it, events are posted to it.
    strands,  ///< Several threads may run it: each call gets a strand.
};

/// True for a strand of io_context, thread_pool or any_io_executor; others cannot be recognised.
inline bool is_strand(const asio::any_io_executor& executor) noexcept {
    return holds<asio::strand<asio::any_io_executor>>(executor) ||
           holds<asio::strand<asio::io_context::executor_type>>(executor) ||
           holds<asio::strand<asio::thread_pool::executor_type>>(executor);
}

/// For an executor of the user's. Asio does not tell how many threads run it.
inline CallExecutors
call_executors(const asio::any_io_executor& executor, Threads threads) noexcept {
    if (threads == Threads::one)
        return CallExecutors::direct;
    return is_strand(executor) ? CallExecutors::strand : CallExecutors::strands;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
