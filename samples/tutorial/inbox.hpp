// SPDX-License-Identifier: MIT
// Tutorial, step 3: tells agents how many messages they have.
#pragma once

#include <costrix/agi.hpp>

#include <functional>
#include <optional>
#include <string>

// How many messages an agent has; nullopt: there is no such agent.
using CountMessages = std::function<asio::awaitable<std::optional<int>>(std::string agent)>;

costrix::agi::ScriptHandler inbox(CountMessages count);
