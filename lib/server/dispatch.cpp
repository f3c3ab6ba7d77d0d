// SPDX-License-Identifier: MIT
// Routing and admission: which handler a call gets, or why it gets none.
#include "server/dispatch.hpp"

#include "protocol/log_text.hpp"
#include "router/make_request.hpp"

#include <utility>

namespace costrix::agi::detail {
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

std::optional<Counter> refuse_peer(const ServerContext& context, const asio::ip::address& peer) {
    if (!context.allow().contains(peer))
        return Counter(&ServerCounters::refused_address);
    if (auto* const peers = context.peers(); peers && !peers->enter(peer))
        return Counter(&ServerCounters::refused_per_peer);
    return std::nullopt;
}

Dispatched dispatch(
    const std::shared_ptr<const ServerContext>& context,
    const Environment& environment,
    const asio::ip::address& peer,
    bool busy,
    Request& request
) {
    const auto& options = context->options();
    request = make_request(environment);
    const auto size = request.path.size();
    if (size > options.max_path)
        return {
            nullptr, &ServerCounters::refused_path, "a path of " + std::to_string(size) + " bytes"};
    std::shared_ptr<const ScriptHandler> handler;
    if (busy) {
        handler = std::shared_ptr<const ScriptHandler>(context, &options.busy);
    } else {
        auto found = context->router().get_script_handler(request.path);
        handler = std::move(found.handler);
        request.match = std::move(found.match);
    }
    if (!handler)
        return {nullptr, &ServerCounters::refused_no_route, "no handler"};
    auto why = refuse_admission(options.admission, {peer, environment, request});
    if (!why.empty())
        return {nullptr, &ServerCounters::refused_admission, std::move(why)};
    return {std::move(handler)};
}

}  // namespace costrix::agi::detail
