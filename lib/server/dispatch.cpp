// SPDX-License-Identifier: MIT
// Routing and admission: which handler a call gets, or why it gets none.
#include "server/dispatch.hpp"

#include "protocol/log_text.hpp"
#include "router/make_request.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// Empty when the call may be served, or a coroutine is to decide that.
std::string refuse_admission(const Admission& admission, const AdmissionRequest& request) {
    try {
        return admission.decide(request) ? "" : not_admitted();
    } catch (...) {
        return not_admitted(std::current_exception());
    }
}

}  // namespace

std::string not_admitted(const std::exception_ptr& error) {
    try {
        if (error)
            std::rethrow_exception(error);
        return "not admitted";
    } catch (const std::exception& thrown) {
        return "the admission threw: " + log_message(thrown.what());
    } catch (...) {
        return "the admission threw an exception that is no std::exception";
    }
}

Dispatched dispatch(
    const CallServices& services,
    const Environment& environment,
    bool busy,
    Request& request
) {
    const auto& options = services.context->options;
    request = make_request(environment, request.peer);
    if (const auto size = request.path.size(); size > options.max_path) {
        auto why = "a path of " + std::to_string(size) + " bytes";
        return {nullptr, {}, &ServerCounters::refused_path, std::move(why)};
    }
    auto found = busy ? Router::Found{{services.context, &options.busy}, {}}
                      : services.router.get_script_handler(request.path);
    if (!found)
        return {nullptr, {}, &ServerCounters::refused_no_route, "no handler"};
    request.match = std::move(found.match);
    auto why = refuse_admission(options.admission, {environment, request});
    if (!why.empty())
        return {nullptr, {}, &ServerCounters::refused_admission, std::move(why)};
    return {std::move(found.handler), found.pattern};
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
