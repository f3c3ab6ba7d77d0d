// SPDX-License-Identifier: MIT
// Where calls go: a server, or a classic script's program.
#include "tool/call/call_options.hpp"
#include "tool/scenario_options.hpp"

namespace costrix::tool {

Destination::Destination(const CallOptions& options) : options_(options) {
    if (options.program.empty())
        addresses_ = resolve(options.url);
}

std::unique_ptr<Line> Destination::call(testing::FakeAsterisk& asterisk) const {
    if (!options_.program.empty()) {
        auto script = std::make_unique<ScriptChild>(options_.program, options_.arguments);
        return std::make_unique<Line>(asterisk, std::move(script), options_.speed);
    }
    auto socket = Socket::connect(addresses_, std::chrono::seconds(5));
    return std::make_unique<Line>(asterisk, std::move(socket), options_.speed);
}

testing::Scenario scenario_of(const CallOptions& options) {
    auto scenario = options.scenario;
    scenario.unique_id(next_unique_id());
    return scenario;
}

}  // namespace costrix::tool
