// SPDX-License-Identifier: MIT
// The handler that a test runs: a single one, one with its pattern, or all of a server.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/router.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

/// Anything that finds a handler for a path: an agi::Router, an agi::FastAGIServer.
template <class T>
concept HandlerSource = requires(const T& source, std::string_view path) {
    { source.get_script_handler(path) } -> std::same_as<agi::Router::Found>;
};

/// The handler under test, unchanged, as it is registered with a server.
class CallFlow {
public:
    /// One handler for any path; its request has no match.
    template <class F>
    requires(std::constructible_from<agi::ScriptHandler, F> && !HandlerSource<std::decay_t<F>> && !std::same_as<std::decay_t<F>, CallFlow>)
        CallFlow(F&& handler)
        : CallFlow(agi::ScriptHandler(std::forward<F>(handler)), Tag()) {}
    /// One handler with its pattern.
    ///
    /// Throws std::invalid_argument as Router::register_script_handler does.
    CallFlow(std::string pattern, agi::ScriptHandler handler);
    /// The handler that `source` has for the call's path; `source` must outlive this.
    template <HandlerSource T>
    CallFlow(const T& source)
        : find_([&source](std::string_view path) { return source.get_script_handler(path); }) {}

    /// Tells this observer of each call, as FastAGIServerOptions::observer is told; in process
    /// only.
    CallFlow& observe(std::shared_ptr<agi::Observer> observer) {
        observer_ = std::move(observer);
        return *this;
    }
    /// That observer; null if there is none.
    const std::shared_ptr<agi::Observer>& observer() const noexcept { return observer_; }

    /// The handler for a path, as Router::get_script_handler returns it.
    agi::Router::Found find(std::string_view path) const { return find_(path); }

private:
    struct Tag {};
    CallFlow(agi::ScriptHandler handler, Tag);

    std::function<agi::Router::Found(std::string_view)> find_;
    std::shared_ptr<agi::Observer> observer_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
