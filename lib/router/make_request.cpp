// SPDX-License-Identifier: MIT
// A call's request, from its environment.
#include "router/make_request.hpp"

namespace costrix::agi::detail {

Request make_request(const Environment& environment) {
    Request request;
    const auto script = environment.network_script();
    request.path = script_path(script);
    request.kwargs = Query(script_query(script));
    for (std::size_t n = 1; const auto argument = environment.argument(n); ++n)
        request.args.emplace_back(*argument);
    return request;
}

}  // namespace costrix::agi::detail
