// SPDX-License-Identifier: MIT
// A call's request, from its environment.
#pragma once

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/request.hpp>

namespace costrix::agi::detail {

/// Path, arguments and keyword arguments; the match is the router's to add.
Request make_request(const Environment& environment);

}  // namespace costrix::agi::detail
