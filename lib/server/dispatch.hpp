// SPDX-License-Identifier: MIT
// Routing and admission: which handler a call gets, or why it gets none.
#pragma once

#include "server/call_services.hpp"

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/agi/router.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What to do with a call.
struct Dispatched {
    std::shared_ptr<const ScriptHandler> handler;  ///< Null when the call is refused.
    std::string_view pattern = {};                 ///< The handler's; see Router::Found.
    Counter refused = &ServerCounters::refused_no_route;
    std::string why = {};  ///< Why it is refused, safe to log.
};

/// Says in words that a call is not admitted; `error`: what left the admission, or null.
std::string not_admitted(const std::exception_ptr& error = nullptr);

/// Fills the request, but for its peer, and finds the handler: Options::busy if `busy`, otherwise
/// by the path.
Dispatched
dispatch(const CallServices& services, const Environment& environment, bool busy, Request& request);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
