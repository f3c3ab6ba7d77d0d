// SPDX-License-Identifier: MIT
// Temporaries and lambdas in the operand of co_await.
#include "canary/forms.hpp"

#include <costrix/agi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {
namespace {

using namespace agi;

struct Owning {
    std::string text = kA;
};
struct Trivial {
    std::string_view text;
    int number = 1;
};

asio::awaitable<void> by_value(AGI& call, Owning owning) {
    co_await call.execute(Noop(owning.text));
}
asio::awaitable<void> by_reference(AGI& call, const Owning& owning) {
    co_await call.execute(Noop(owning.text));
}
asio::awaitable<void> by_default(AGI& call, Owning owning = {}) {
    co_await call.execute(Noop(owning.text));
}
asio::awaitable<void> trivial(AGI& call, Trivial options) {
    co_await call.execute(Noop(std::string(options.text)));
}
asio::awaitable<void> in_a_vector(AGI& call, std::vector<Owning> all) {
    co_await call.execute(Noop(all.front().text));
}
asio::awaitable<void> run(std::function<asio::awaitable<void>()> function) {
    co_await function();
}

asio::awaitable<void> aggregate_by_value(AGI& call, bool) {
    co_await by_value(call, Owning{kA});
}
asio::awaitable<void> aggregate_designated(AGI& call, bool) {
    co_await by_value(call, {.text = kA});
}
asio::awaitable<void> aggregate_by_reference(AGI& call, bool) {
    co_await by_reference(call, {kA});
}
asio::awaitable<void> aggregate_by_default(AGI& call, bool) {
    co_await by_default(call);
}
asio::awaitable<void> aggregate_trivial(AGI& call, bool) {
    co_await trivial(call, {.text = "A", .number = 2});
}
asio::awaitable<void> aggregate_named(AGI& call, bool) {
    Owning owning{.text = kA};
    co_await by_value(call, std::move(owning));
}
asio::awaitable<void> aggregate_in_a_vector(AGI& call, bool) {
    std::vector<Owning> all{{kA}};
    co_await in_a_vector(call, std::move(all));
}
asio::awaitable<void> lambda_for_a_function(AGI& call, bool) {
    const auto text = kA;
    co_await run([&call, text] { return by_value(call, Owning{text}); });
}
asio::awaitable<void> lambda_called(AGI& call, bool) {
    const auto text = kA;
    co_await [&call, text]() -> asio::awaitable<void> { co_await call.execute(Noop(text)); }();
}
asio::awaitable<void> lambda_of_references(AGI& call, bool) {
    const auto text = kA;
    co_await [&]() -> asio::awaitable<void> { co_await call.execute(Noop(text)); }();
}
asio::awaitable<void> lambda_spawned(AGI& call, bool) {
    auto text = std::make_shared<std::string>(kA);
    const std::weak_ptr<std::string> watch = text;
    co_await asio::co_spawn(
        co_await asio::this_coro::executor,
        [&call, s = std::move(text)] { return by_value(call, Owning{*s}); },
        asio::use_awaitable
    );
    co_await call.execute(Noop(kB));  // by now the lambda is gone
    co_await call.execute(Noop(watch.use_count() == 0 ? kB : kC));
}
asio::awaitable<void> lambda_named(AGI& call, bool) {
    const auto text = kA;
    auto lambda = [&call, text] { return by_value(call, Owning{text}); };
    co_await run(std::move(lambda));
}
asio::awaitable<void> lambda_without_captures(AGI& call, bool) {
    co_await [](AGI& inner) -> asio::awaitable<void> { co_await inner.execute(Noop(kA)); }(call);
}

asio::awaitable<void> constructors(AGI& call, bool) {
    co_await call.execute(Noop{kA});
    co_await call.execute(Exec("Dial", kB, std::string_view(kB), "30", kC + "x"));
}
asio::awaitable<void> setters(AGI& call, bool) {
    co_await call.execute(
        StreamFile(kA).escape_digits("0123456789*#ABCD0123456789").offset(Samples(8))
    );
}
asio::awaitable<std::string> value_of(AGI& call, std::string name) {
    co_return (co_await call.execute(GetVariable(std::move(name)))).value_or(kC);
}
asio::awaitable<void> arguments(AGI& call, bool) {
    co_await call.execute(
        SetVariable(co_await value_of(call, kA), co_await value_of(call, "B" + kB))
    );
}
asio::awaitable<void> range_for(AGI& call, bool) {
    for (const char letter : co_await value_of(call, kA)) {
        if (letter == ',')
            co_await call.execute(Noop(kB));
    }
    for (const auto& name : {kB, kA + kB})
        co_await call.execute(Noop(name));
}
asio::awaitable<void> binding(AGI& call, bool) {
    const auto [digits, timed_out] = co_await call.execute(GetData(kA).max_digits(2));
    const auto text = timed_out ? kB + digits : kC;
    co_await call.execute(Noop(text));
}
asio::awaitable<void> sums(AGI& call, bool) {
    co_await call.execute(Noop((co_await call.execute(GetVariable(kA))).value_or(kC) + kC));
    const auto both =
        *(co_await call.execute(GetVariable(kA))) + *(co_await call.execute(GetVariable(kB)));
    co_await call.execute(Noop(both == kYes + kYes ? kB : kC));
}

}  // namespace

std::vector<Form> operand_forms() {
    return {
        {"co_await f(Owning{text})", aggregate_by_value, "A"},
        {"co_await f({.text = text})", aggregate_designated, "A"},
        {"co_await f({text}), which takes const&", aggregate_by_reference, "A"},
        {"co_await f(), where f(Owning o = {})", aggregate_by_default, "A"},
        {"co_await f({.number = 2}), trivially destructible", aggregate_trivial, "A"},
        {"Owning o{text}; co_await f(std::move(o))", aggregate_named, "A"},
        {"vector<Owning> v{{text}}; co_await f(std::move(v))", aggregate_in_a_vector, "A"},
        {"co_await run([s] { … }), which takes std::function", lambda_for_a_function, "A"},
        {"co_await [s]() -> awaitable<void> { … }()", lambda_called, "A"},
        {"co_await [&]() -> awaitable<void> { … }()", lambda_of_references, "A"},
        {"co_await co_spawn(co_await executor, [s] { … }, token)", lambda_spawned, "ABB"},
        {"auto f = [s] { … }; co_await run(std::move(f))", lambda_named, "A"},
        {"co_await [](AGI& c) -> awaitable<void> { … }(call)", lambda_without_captures, "A"},
        {"execute(Noop{a}), execute(Exec(a, b, c))", constructors, "AD"},
        {"execute(StreamFile(a).escape_digits(b).offset(Samples(8)))", setters, "A"},
        {"co_return (co_await A).value(), f(co_await A, co_await B)", arguments, "ABy"},
        {"for (char c : co_await A)", range_for, "ABBBA"},
        {"auto [digits, timed_out] = co_await A", binding, "AB"},
        {"execute(Noop(co_await A + text)), co_await A + co_await B", sums, "AyABB"},
    };
}

}  // namespace costrix::test
