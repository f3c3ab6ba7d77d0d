// SPDX-License-Identifier: MIT
// What kind of executor an any_io_executor holds, and what is below a strand.
#pragma once

#include <costrix/asio.hpp>

#include <typeinfo>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// True if it holds an E; any_io_executor::target() does not look at the type.
template <class E>
bool holds(const asio::any_io_executor& executor) noexcept {
    return executor.target_type() == typeid(E);
}

/// True if it is an io_context's own, which this thread runs.
inline bool runs_in_this_thread(const asio::any_io_executor& executor) noexcept {
    using Usual = asio::io_context::executor_type;
    return holds<Usual>(executor) && executor.target<Usual>()->running_in_this_thread();
}

/// The executor below a session's strand: what runs on the strand waits for that session's handler.
inline asio::any_io_executor without_strand(const asio::any_io_executor& executor) {
    using Strand = asio::strand<asio::any_io_executor>;
    return holds<Strand>(executor) ? executor.target<Strand>()->get_inner_executor() : executor;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
