// SPDX-License-Identifier: MIT
// What a call needs of whoever serves it.
#pragma once

#include "server/call_log.hpp"
#include "server/counters.hpp"
#include "server/server_context.hpp"

#include <costrix/agi/router.hpp>

#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Shared by the calls of a loop; a call over a stream of the user's has its own.
struct CallServices {
    std::shared_ptr<const ServerContext> context;
    const Router& router;
    Counters& counters;

    ServerLog log() const noexcept { return {*context, counters}; }
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
