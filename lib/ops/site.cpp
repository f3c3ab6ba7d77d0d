// SPDX-License-Identifier: MIT
// The paths of the endpoint, and who may ask for them.
#include "ops/site.hpp"

#include "ops/accept.hpp"
#include "ops/pages.hpp"
#include "ops/store.hpp"

#include <costrix/agi/fast_agi_server.hpp>
#include <costrix/agi/protocol/query.hpp>

#include <algorithm>
#include <random>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

/// `Host` without its port and brackets, in lower case.
std::string host_name(std::string_view host) {
    if (host.starts_with('['))
        host = host.substr(1, host.find(']') - 1);
    else
        host = host.substr(0, host.find(':'));
    std::string name(host);
    for (char& c : name)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return name;
}

bool is_address(const std::string& text) {
    error_code error;
    asio::ip::make_address(text, error);
    return !error;
}

std::string new_nonce() {
    std::random_device random;
    std::string nonce;
    for (int i = 0; i < 4; ++i)
        nonce += std::to_string(random());
    return nonce;
}

HttpResponse html() {
    const auto nonce = new_nonce();
    return {
        200,
        "text/html; charset=utf-8",
        live_page(nonce),
        "default-src 'none'; connect-src 'self'; img-src data:; style-src 'nonce-" + nonce +
            "'; script-src 'nonce-" + nonce +
            "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"};
}

HttpResponse ready(Readiness readiness) {
    HttpResponse response{readiness == Readiness::accepting ? 200U : 503U};
    response.body.append(to_string(readiness)).append("\n");
    return response;
}

}  // namespace

Site::Site(
    agi::FastAGIServer& server,
    std::shared_ptr<const Metrics> metrics,
    std::vector<std::string> host_names
)
    : server_(&server), metrics_(std::move(metrics)), host_names_(std::move(host_names)) {}

void Site::detach() noexcept {
    const std::lock_guard lock(mutex_);
    server_ = nullptr;
}

/// A browser always sends Host, and an attacker's page cannot have it send an address.
bool Site::is_ours(std::string_view host) const {
    if (host.empty())
        return true;
    const auto name = host_name(host);
    return name == "localhost" || is_address(name) ||
           std::find(host_names_.begin(), host_names_.end(), name) != host_names_.end();
}

HttpResponse Site::respond(const HttpRequest& request) {
    if (!is_ours(request.host))
        return {403, {}, "This Host is not in Options::host_names.\n"};
    if (!request.reads)
        return {405, {}, "Only GET and HEAD.\n"};
    const std::lock_guard lock(mutex_);
    if (!server_)
        return {503, {}, "stopped\n"};
    return page(request, *server_);
}

HttpResponse Site::page(const HttpRequest& request, const agi::FastAGIServer& server) const {
    const auto& store = metrics_->store();
    if (request.path == "/")
        return html();
    if (request.path == "/healthz")
        return {200, {}, "ok\n"};
    if (request.path == "/readyz")
        return ready(readiness(store, server.counters()));
    if (request.path == "/metrics") {
        const auto format = negotiate(request.accept);
        return {200, content_type(format), metrics_page(store, server.counters(), format)};
    }
    if (request.path == "/calls")
        return {200, "application/json", calls_page(store)};
    if (request.path == "/state") {
        const agi::Query query(request.query);
        const auto filter = query.first("filter").value_or("");
        return {200, "application/json", state_page(store, server.counters(), filter)};
    }
    return {404, {}, "There is no such page. See / and /metrics.\n"};
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
