// SPDX-License-Identifier: MIT
// Two commands for an application with a result: EXEC, and GET FULL VARIABLE for its variables.
#include "applications/run_application.hpp"

namespace costrix::inline COSTRIX_ABI::agi::detail {

asio::awaitable<std::vector<std::string>>
read_variables(AGI& call, std::vector<std::string> names) {
    const GetVariables action(names);
    const auto values = co_await call.execute(action);
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(values[std::string_view(name)].value_or(""));
    co_return texts;
}

asio::awaitable<std::vector<std::string>>
run_and_read(AGI& call, ApplicationCall application, std::vector<std::string> names) {
    co_await call.execute(application);
    auto values = co_await read_variables(call, std::move(names));
    co_return values;
}

asio::awaitable<void> run_application(AGI& call, ApplicationCall application) {
    co_await call.execute(application);
}

std::string whole_seconds(const char* what, std::chrono::seconds time) {
    if (time < std::chrono::seconds(1) || time > std::chrono::hours(24))
        throw std::invalid_argument(
            std::string(what) + " is " + std::to_string(time.count()) +
            " s, but must be from 1 s to 86,400 s"
        );
    return std::to_string(time.count());
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
