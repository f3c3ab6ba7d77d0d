// SPDX-License-Identifier: MIT
// What every GCC miscompiles up to now: a project that uses Costrix is told so by its build.
#include <costrix/agi.hpp>

namespace agi = costrix::agi;

asio::awaitable<void> ask(agi::AGI& call, bool urgent) {
    while (urgent && co_await call.execute(agi::DatabaseDeltree("calls")))
        co_await call.execute(agi::Noop());
}

int main() {}
