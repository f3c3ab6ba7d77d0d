// SPDX-License-Identifier: MIT
// Handlers as a test is given them.
#include <costrix/testing/call_flow.hpp>

#include <cstdio>

namespace costrix::inline COSTRIX_ABI::testing {

CallFlow::CallFlow(agi::ScriptHandler handler, Tag) {
    auto kept = std::make_shared<const agi::ScriptHandler>(std::move(handler));
    find_ = [kept = std::move(kept)](std::string_view) {
        return agi::Router::Found{kept, agi::Match()};
    };
}

CallFlow::CallFlow(std::string pattern, agi::ScriptHandler handler) {
    const auto router = std::make_shared<agi::Router>([](std::string_view what) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
    });
    router->register_script_handler(std::move(pattern), std::move(handler));
    find_ = [router](std::string_view path) { return router->get_script_handler(path); };
}

}  // namespace costrix::inline COSTRIX_ABI::testing
