// SPDX-License-Identifier: MIT
// co_await in conditions, and beside && and ||.
#include "canary/forms.hpp"

#include <costrix/agi.hpp>

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {
namespace {

using namespace agi;

/// What cannot be optimised away.
volatile int sink;

// --- conditions; the coroutines have no variable of their own unless they are named so ---

asio::awaitable<void> if_compares(AGI& call, bool) {
    if (co_await call.execute(GetVariable(kA)) == kYes)
        co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_compares_beside_a_variable(AGI& call, bool) {
    int n = 1;
    if (co_await call.execute(GetVariable(kA)) == kYes)
        n = 2;
    sink = n;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_member(AGI& call, bool) {
    if ((co_await call.execute(GetVariable(kA))).has_value())
        co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_bool(AGI& call, bool) {
    if (co_await call.execute(DatabaseDeltree(kA)))
        co_await call.execute(Noop(kC));
    else
        co_await call.execute(Noop(kB));
}
asio::awaitable<void> while_bool(AGI& call, bool) {
    while (co_await call.execute(DatabaseDeltree(kA)))
        co_await call.execute(Noop(kC));
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> do_while(AGI& call, bool) {
    do {
        co_await call.execute(Noop(kB));
    } while (co_await call.execute(DatabaseDeltree(kA)));
}
asio::awaitable<void> for_condition(AGI& call, bool) {
    for (; co_await call.execute(DatabaseDeltree(kA));)
        co_await call.execute(Noop(kC));
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> switch_on(AGI& call, bool) {
    switch ((co_await call.execute(GetVariable(kA))).value_or("x").front()) {
    case 'y':
        co_await call.execute(Noop(kB));
        break;
    default:
        break;
    }
}
asio::awaitable<void> if_initialiser(AGI& call, bool) {
    if (const auto value = co_await call.execute(GetVariable(kA)); value == kYes)
        co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_declares(AGI& call, bool) {
    if (const auto value = co_await call.execute(GetVariable(kA)))
        co_await call.execute(Noop(kB));
}
asio::awaitable<void> while_declares(AGI& call, bool) {
    while (const bool more = co_await call.execute(DatabaseDeltree(kA)))
        sink = more;
    co_await call.execute(Noop(kB));
}

// --- && and || ---

asio::awaitable<void> if_and(AGI& call, bool x) {
    if (x && co_await call.execute(DatabaseDeltree(kA)))
        sink = 1;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_and_beside_a_variable(AGI& call, bool x) {
    int n = 1;
    if (x && co_await call.execute(GetVariable(kA)) == kYes)
        n = 2;
    sink = n;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> if_or(AGI& call, bool x) {
    int n = 1;
    if (!x || co_await call.execute(DatabaseDeltree(kA)))
        n = 2;
    sink = n;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> while_and(AGI& call, bool x) {
    int n = 0;
    while (x && co_await call.execute(DatabaseDeltree(kA)))
        ++n;
    sink = n;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> variable_and(AGI& call, bool x) {
    const bool both = x && co_await call.execute(DatabaseDeltree(kA));
    sink = both;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> variable_or(AGI& call, bool x) {
    const bool either = !x || co_await call.execute(DatabaseDeltree(kA));
    sink = either;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> assigned_and(AGI& call, bool x) {
    bool both = false;
    both = x && co_await call.execute(DatabaseDeltree(kA));
    sink = both;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> statement_and(AGI& call, bool x) {
    x&& co_await call.execute(DatabaseDeltree(kA));
    co_await call.execute(Noop(kB));
}
std::string text(bool value) {
    return value ? kA : kB;
}
asio::awaitable<void> argument_and(AGI& call, bool x) {
    const auto which = text(x && co_await call.execute(DatabaseDeltree(kA)));
    co_await call.execute(Noop(which));
}
asio::awaitable<void> stream_and(AGI& call, bool x) {
    std::ostringstream out;
    out << (x && co_await call.execute(DatabaseDeltree(kA)));
    sink = static_cast<int>(out.str().size());
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> constructor_and(AGI& call, bool x) {
    const std::optional<bool> both(x && co_await call.execute(DatabaseDeltree(kA)));
    sink = both.value_or(true);
    co_await call.execute(Noop(kB));
}
asio::awaitable<bool> both_of(AGI& call, bool x) {
    co_return x&& co_await call.execute(DatabaseDeltree(kA));
}
asio::awaitable<void> return_and(AGI& call, bool x) {
    const bool both = co_await both_of(call, x);
    sink = both;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> awaited_first(AGI& call, bool x) {
    int n = 1;
    if (co_await call.execute(DatabaseDeltree(kA)) && x)
        n = 2;
    sink = n;
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> two_ifs(AGI& call, bool x) {
    if (x) {
        if (const bool found = co_await call.execute(DatabaseDeltree(kA)))
            sink = found;
    }
    co_await call.execute(Noop(kB));
}

}  // namespace

std::vector<Form> condition_forms() {
    return {
        {"if (co_await A == text)", if_compares, "AB"},
        {"int n; if (co_await A == text)", if_compares_beside_a_variable, "AB"},
        {"if ((co_await A).has_value())", if_member, "AB"},
        {"if (co_await A)", if_bool, "AB"},
        {"while (co_await A)", while_bool, "AB"},
        {"do … while (co_await A)", do_while, "BA"},
        {"for (; co_await A;)", for_condition, "AB"},
        {"switch ((co_await A).value_or(text)[0])", switch_on, "AB"},
        {"if (auto v = co_await A; v == text)", if_initialiser, "AB"},
        {"if (auto v = co_await A)", if_declares, "AB"},
        {"while (auto v = co_await A)", while_declares, "AB"},
        {"if (x && co_await A)", if_and, "B"},
        {"int n; if (x && co_await A == text)", if_and_beside_a_variable, "B"},
        {"int n; if (!x || co_await A)", if_or, "B"},
        {"int n; while (x && co_await A)", while_and, "B"},
        {"bool v = x && co_await A", variable_and, "B"},
        {"v = x && co_await A", assigned_and, "B"},
        {"bool v = !x || co_await A", variable_or, "B"},
        {"x && co_await A;", statement_and, "B"},
        {"f(x && co_await A)", argument_and, "B"},
        {"out << (x && co_await A)", stream_and, "B"},
        {"std::optional<bool> v(x && co_await A)", constructor_and, "B"},
        {"co_return x && co_await A", return_and, "B"},
        {"int n; if (co_await A && x)", awaited_first, "AB"},
        {"if (x) if (auto v = co_await A)", two_ifs, "B"},
    };
}

}  // namespace costrix::test
