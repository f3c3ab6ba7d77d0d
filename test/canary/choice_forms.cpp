// SPDX-License-Identifier: MIT
// ?: inside and outside of the operand of co_await.
#include "canary/forms.hpp"

#include <costrix/agi.hpp>

#include <string>
#include <vector>

namespace costrix::test {
namespace {

using namespace agi;

volatile int sink_of_choices;

asio::awaitable<void> awaits_of_bool(AGI& call, bool x) {
    const bool v =
        x ? co_await call.execute(DatabaseDeltree(kA)) : co_await call.execute(DatabaseDeltree(kB));
    sink_of_choices = v;
}
asio::awaitable<void> awaits_assigned(AGI& call, bool x) {
    sink_of_choices =
        x ? co_await call.execute(DatabaseDeltree(kA)) : co_await call.execute(DatabaseDeltree(kB));
    co_return;
}
asio::awaitable<void> awaits_of_strings(AGI& call, bool x) {
    const auto v =
        x ? co_await call.execute(GetVariable(kA)) : co_await call.execute(GetVariable(kB));
    co_await call.execute(Noop(v == kYes ? kC : kA));
}
asio::awaitable<void> assigned(AGI& call, bool x) {
    std::optional<std::string> v;
    v = x ? co_await call.execute(GetVariable(kA)) : co_await call.execute(GetVariable(kB));
    co_await call.execute(Noop(v == kYes ? kC : kA));
}
asio::awaitable<void> await_or_value(AGI& call, bool x) {
    std::vector<int> numbers;
    numbers.push_back(x ? co_await call.execute(DatabaseDeltree(kA)) : 0);
    sink_of_choices = numbers.front();
    co_await call.execute(Noop(kB));
}
asio::awaitable<void> condition_awaited(AGI& call, bool) {
    const auto* v = co_await call.execute(DatabaseDeltree(kA)) ? &kC : &kB;
    co_await call.execute(Noop(*v));
}
asio::awaitable<void> awaitables(AGI& call, bool x) {
    co_await (x ? call.execute(Noop(kA)) : call.execute(Noop(kB)));
}
asio::awaitable<void> actions(AGI& call, bool x) {
    co_await call.execute(x ? Noop(kA) : Noop(kB));
}
asio::awaitable<void> actions_with_setters(AGI& call, bool x) {
    co_await call.execute(x ? GetData(kA).max_digits(1) : GetData(kB));
}
asio::awaitable<void> built_string(AGI& call, bool x) {
    co_await call.execute(Noop(x ? kA : kB + "!"));
}
asio::awaitable<void> string_or_literal(AGI& call, bool x) {
    co_await call.execute(Noop(x ? "A" : kB));
}
asio::awaitable<void> variables(AGI& call, bool x) {
    co_await call.execute(Noop(x ? kA : kB));
}
asio::awaitable<void> literals(AGI& call, bool x) {
    co_await call.execute(Noop(x ? "A" : "B, too long for a small string, for sure it is too long")
    );
}
asio::awaitable<void> literals_and_setters(AGI& call, bool x) {
    co_await call.execute(GetData(x ? "A" : "B").max_digits(x ? 1 : 2));
}

}  // namespace

std::vector<Form> choice_forms() {
    return {
        {"bool v = x ? co_await A : co_await B", awaits_of_bool, "B"},
        {"v = x ? co_await A : co_await B", awaits_assigned, "B"},
        {"string v = x ? co_await A : co_await B", awaits_of_strings, "BC"},
        {"string v; v = x ? co_await A : co_await B", assigned, "BC"},
        {"v.push_back(x ? co_await A : 0)", await_or_value, "B"},
        {"auto v = co_await A ? one : other", condition_awaited, "AB"},
        {"co_await (x ? A : B)", awaitables, "B"},
        {"execute(x ? Noop(a) : Noop(b))", actions, "B"},
        {"execute(x ? GetData(a).max_digits(1) : GetData(b))", actions_with_setters, "B"},
        {"execute(Noop(x ? name : name + \"!\"))", built_string, "B"},
        {"execute(Noop(x ? \"a\" : name))", string_or_literal, "B"},
        {"execute(Noop(x ? one : other))", variables, "B"},
        {"execute(Noop(x ? \"a\" : \"b\"))", literals, "B"},
        {"execute(GetData(x ? \"a\" : \"b\").max_digits(x ? 1 : 2))", literals_and_setters, "B"},
    };
}

}  // namespace costrix::test
