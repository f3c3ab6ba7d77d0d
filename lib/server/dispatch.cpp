// SPDX-License-Identifier: MIT
// Routing and admission: which handler a call gets, or why it gets none.
#include "server/dispatch.hpp"

#include "protocol/log_text.hpp"
#include "router/make_request.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Empty when the call may be served.
std::string refuse_admission(const Admission& admission, const AdmissionRequest& request) {
    try {
        if (!admission || admission(request))
            return "";
    } catch (const std::exception& error) {
        return "the admission threw: " + log_message(error.what());
    } catch (...) {
        return "the admission threw an exception that is no std::exception";
    }
    return "not admitted";
}

}  // namespace

Dispatched dispatch(
    const std::shared_ptr<const ServerContext>& context,
    const Environment& environment,
    bool busy,
    Request& request
) {
    const auto& options = context->options;
    request = make_request(environment, request.peer);
    if (const auto size = request.path.size(); size > options.max_path) {
        auto why = "a path of " + std::to_string(size) + " bytes";
        return {nullptr, &ServerCounters::refused_path, std::move(why)};
    }
    auto found = busy ? Router::Found{{context, &options.busy}, {}}
                      : context->router.get_script_handler(request.path);
    if (!found)
        return {nullptr, &ServerCounters::refused_no_route, "no handler"};
    request.match = std::move(found.match);
    auto why = refuse_admission(options.admission, {environment, request});
    if (!why.empty())
        return {nullptr, &ServerCounters::refused_admission, std::move(why)};
    return {std::move(found.handler)};
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
