// SPDX-License-Identifier: MIT
// Registering patterns, and matching a path against them.
#include "protocol/python_groups.hpp"
#include "router/route_index.hpp"
#include "router/shared_handler.hpp"

#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>

#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

boost::regex compile(const std::string& pattern) {
    try {
        return boost::regex(detail::without_python_groups(pattern));
    } catch (const boost::regex_error& error) {
        throw std::invalid_argument(
            "script pattern \"" + pattern + "\": " + error.what() + " (at position " +
            std::to_string(error.position()) + ")"
        );
    }
}

using Path = boost::match_results<std::string_view::const_iterator>;

Match to_match(const detail::Route& route, std::string_view path, const Path& found) {
    auto span_of = [&](const Path::value_type& group) {
        if (!group.matched)
            return Match::Span();
        return Match::Span{
            static_cast<std::uint32_t>(group.first - path.begin()),
            static_cast<std::uint32_t>(group.second - path.begin())};
    };
    Match::Groups groups;
    groups.reserve(found.size() - 1 + route.names->size());
    for (std::size_t n = 1; n < found.size(); ++n)
        groups.push_back(span_of(found[static_cast<int>(n)]));
    for (const auto& name : *route.names)
        groups.push_back(span_of(found[name]));
    return Match(std::string(path), span_of(found[0]), std::move(groups), route.names);
}

/// Copies of a boost::regex share what they count their matches in.
boost::regex compiled_anew(const boost::regex& regex) {
    return boost::regex(regex.str(), regex.flags());
}

}  // namespace

struct Router::Impl {
    Report report;
    mutable std::shared_mutex mutex;
    detail::RouteIndex routes;
    std::shared_ptr<const ScriptHandler> fallback;

    void add(std::string pattern, boost::regex regex, ScriptHandler handler) {
        if (!handler)
            throw std::invalid_argument("script pattern \"" + pattern + "\": the handler is null");
        auto route = std::make_shared<detail::Route>(
            std::move(pattern), std::move(regex), std::move(handler)
        );
        std::unique_lock lock(mutex);
        routes.add(route);
    }

    bool matches(
        const detail::Route& route,
        std::string_view path,
        Path& found,
        std::vector<std::string>& gave_up
    ) const {
        try {
            return boost::regex_search(
                path.begin(), path.end(), found, route.regex, boost::match_continuous
            );
        } catch (const std::runtime_error& error) {
            gave_up.push_back(
                "script pattern \"" + route.pattern + "\" gave up on a path of " +
                std::to_string(path.size()) + " bytes: " + error.what()
            );
            return false;
        }
    }

    Found find(std::string_view path, std::vector<std::string>& gave_up) const {
        // They keep their memory. No code of the user's runs in here, which could use them too.
        static thread_local Path found;
        static thread_local std::string room;
        const auto spellings = detail::spellings_of(path, room);
        std::string_view matched;
        std::shared_lock lock(mutex);
        const auto* route =
            routes.find(spellings, [&](const detail::Route& candidate, std::string_view spelling) {
                matched = spelling;
                // A slash of ours that is all that matches: the pattern is that of the path "/".
                return matches(candidate, spelling, found, gave_up) &&
                       (spelling.size() <= path.size() || found.length() != 1);
            });
        if (!route)
            return {fallback, {}};
        return {route->handler, to_match(*route, matched, found)};
    }
};

Router::Router() : Router([](std::string_view) {}) {}

Router::Router(Report report) : impl_(std::make_unique<Impl>()) {
    impl_->report = std::move(report);
}

Router::Router(const Router& other, Report report) : Router(std::move(report)) {
    std::shared_lock lock(other.impl_->mutex);
    for (const auto& route : other.impl_->routes.in_order())
        impl_->add(
            route->pattern, compiled_anew(route->regex), detail::shared_handler(route->handler)
        );
    if (const auto& fallback = other.impl_->fallback)
        impl_->fallback = std::make_shared<const ScriptHandler>(detail::shared_handler(fallback));
}

Router::~Router() = default;

void Router::register_script_handler(std::optional<std::string> pattern, ScriptHandler handler) {
    if (pattern) {
        auto regex = compile(*pattern);
        impl_->add(std::move(*pattern), std::move(regex), std::move(handler));
        return;
    }
    auto fallback = handler ? std::make_shared<const ScriptHandler>(std::move(handler)) : nullptr;
    std::unique_lock lock(impl_->mutex);
    impl_->fallback.swap(fallback);
}

void Router::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->add(pattern.str(), compiled_anew(pattern), std::move(handler));
}

// Whatever removes a handler destroys it after the lock: it may have anything in it.

bool Router::unregister_script_handler(std::string_view pattern) {
    std::shared_ptr<const detail::Route> removed;
    std::unique_lock lock(impl_->mutex);
    removed = impl_->routes.remove(pattern);
    return removed != nullptr;
}

bool Router::unregister_script_handler(const boost::regex& pattern) {
    return unregister_script_handler(pattern.str());
}

void Router::clear_script_handlers() {
    detail::RouteIndex removed;
    std::unique_lock lock(impl_->mutex);
    std::swap(impl_->routes, removed);
}

Router::Found Router::get_script_handler(std::string_view path) const {
    std::vector<std::string> gave_up;
    auto found = impl_->find(path, gave_up);
    for (const auto& what : gave_up)
        impl_->report(what);
    return found;
}

}  // namespace costrix::agi
