// SPDX-License-Identifier: MIT
// ScriptRunner: from the program's name, or its first argument, to a handler.
#include "script/script_program.hpp"
#include "script/standard_streams.hpp"

#include <costrix/agi/script_runner.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

struct ScriptRunner::Impl {
    ScriptOptions options;
    Router router{[](std::string_view what) { detail::say(what); }};

    std::shared_ptr<const ScriptHandler> find(Request& request) const {
        auto by_name = router.get_script_handler(request.path);
        if (!by_name.match && !request.args.empty()) {
            const std::string_view first = request.args.front();
            std::string path(script_path(first));
            if (auto by_argument = router.get_script_handler(path); by_argument.match) {
                request.path = std::move(path);
                request.kwargs = Query(script_query(first));
                request.args.erase(request.args.begin());
                by_name = std::move(by_argument);
            }
        }
        request.match = std::move(by_name.match);
        return by_name.handler;
    }
};

ScriptRunner::ScriptRunner(const ScriptOptions& options) : impl_(std::make_unique<Impl>()) {
    impl_->options = options;
}

ScriptRunner::~ScriptRunner() = default;

void ScriptRunner::register_script_handler(
    std::optional<std::string> pattern,
    ScriptHandler handler
) {
    impl_->router.register_script_handler(std::move(pattern), std::move(handler));
}

void ScriptRunner::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->router.register_script_handler(pattern, std::move(handler));
}

int ScriptRunner::run() {
    return detail::run_program(
        [this](Request& request) { return impl_->find(request); }, impl_->options
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi
