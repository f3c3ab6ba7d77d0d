// SPDX-License-Identifier: MIT
// One handler for several routers.
#pragma once

#include <costrix/agi/router.hpp>

#include <memory>
#include <utility>

namespace costrix::agi::detail {

/// Calls that handler; copies of this copy a pointer, not what the handler holds.
inline ScriptHandler shared_handler(std::shared_ptr<const ScriptHandler> handler) {
    return [handler = std::move(handler)](AGI& call, const Request& request) {
        return (*handler)(call, request);
    };
}

}  // namespace costrix::agi::detail
