// SPDX-License-Identifier: MIT
// Answers a request: which page, for whom, with which status. Knows no HTTP library.
#pragma once

#include <costrix/ops/endpoint.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::ops::detail {

struct HttpRequest {
    bool reads = true;  ///< GET or HEAD.
    std::string_view path;
    std::string_view query;  ///< Not decoded.
    std::string_view host;   ///< Empty if there is none.
    std::string_view accept;
};

struct HttpResponse {
    unsigned status = 200;
    std::string_view type = "text/plain; charset=utf-8";
    std::string body = {};
    std::string content_security_policy = "default-src 'none'";
};

/// Requests may outlive the Endpoint, in an io_context of the user's; the server need not.
class Site {
public:
    Site(
        agi::FastAGIServer& server,
        std::shared_ptr<const Metrics> metrics,
        std::vector<std::string> host_names
    );
    HttpResponse respond(const HttpRequest& request);
    /// From now on the server is not looked at: responses are 503.
    void detach() noexcept;

private:
    bool is_ours(std::string_view host) const;
    HttpResponse page(const HttpRequest& request, const agi::FastAGIServer& server) const;

    std::mutex mutex_;
    agi::FastAGIServer* server_;
    const std::shared_ptr<const Metrics> metrics_;
    const std::vector<std::string> host_names_;
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
