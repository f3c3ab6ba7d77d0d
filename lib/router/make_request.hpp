// SPDX-License-Identifier: MIT
// A call's request, from its environment.
#pragma once

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/asio.hpp>

#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Everything but the match, which the router adds.
inline Request make_request(
    const Environment& environment,
    const std::optional<asio::ip::tcp::endpoint>& peer = std::nullopt
) {
    Request request;
    request.peer = peer;
    const auto script = environment.network_script();
    request.path = script_path(script);
    request.kwargs = Query(script_query(script));
    const auto arguments = environment.arguments();
    request.args.assign(arguments.begin(), arguments.end());
    return request;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
