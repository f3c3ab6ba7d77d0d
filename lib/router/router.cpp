// SPDX-License-Identifier: MIT
// The list of patterns, and matching a path against them.
#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <vector>

namespace costrix::agi {
namespace {

/// Writes Python's named groups the way Boost.Regex reads them.
std::string without_python_groups(std::string_view pattern) {
    std::string text(pattern);
    for (std::size_t at = 0; (at = text.find("(?P<", at)) != std::string::npos; ++at) {
        if (at == 0 || text[at - 1] != '\\')
            text.erase(at + 2, 1);
    }
    return text;
}

/// The names of the pattern's groups. Boost.Regex finds a group by its name, but does not list
/// them; a name found by mistake (in a class or after a backslash) is one that never matches.
std::vector<std::string> group_names(std::string_view pattern) {
    std::vector<std::string> names;
    for (std::size_t at = 0; (at = pattern.find("(?<", at)) != std::string_view::npos; ++at) {
        const auto name = pattern.substr(at + 3, pattern.find('>', at) - at - 3);
        const auto letter = [](char c) {
            return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                   (c >= 'A' && c <= 'Z');
        };
        if (!name.empty() && std::all_of(name.begin(), name.end(), letter))
            names.emplace_back(name);
    }
    return names;
}

boost::regex compile(const std::string& pattern) {
    try {
        return boost::regex(without_python_groups(pattern));
    } catch (const boost::regex_error& error) {
        throw std::invalid_argument(
            "script pattern \"" + pattern + "\": " + error.what() + " (at position " +
            std::to_string(error.position()) + ")"
        );
    }
}

struct Route {
    std::string pattern;  // as registered
    boost::regex regex;
    Match::Names names;
    std::shared_ptr<const ScriptHandler> handler;
};

using Path = boost::match_results<std::string_view::const_iterator>;

std::optional<std::string> text_of(const Path::value_type& group) {
    return group.matched ? std::optional(group.str()) : std::nullopt;
}

Match to_match(const Route& route, const Path& found) {
    std::vector<std::optional<std::string>> numbered, named;
    for (const auto& group : found)
        numbered.push_back(text_of(group));
    for (const auto& name : *route.names)
        named.push_back(text_of(found[name]));
    return Match(std::move(numbered), route.names, std::move(named));
}

}  // namespace

struct Router::Impl {
    std::shared_ptr<spdlog::logger> logger;
    mutable std::shared_mutex mutex;
    std::vector<std::shared_ptr<const Route>> routes;
    std::shared_ptr<const ScriptHandler> fallback;

    void add(std::string pattern, boost::regex regex, ScriptHandler handler) {
        if (!handler)
            throw std::invalid_argument("script pattern \"" + pattern + "\": the handler is null");
        auto names = std::make_shared<const std::vector<std::string>>(
            group_names(without_python_groups(pattern))
        );
        auto route = std::make_shared<const Route>(Route{
            std::move(pattern),
            std::move(regex),
            std::move(names),
            std::make_shared<const ScriptHandler>(std::move(handler))});
        std::unique_lock lock(mutex);
        if (find(route->pattern) == routes.end())
            routes.push_back(std::move(route));
    }

    std::vector<std::shared_ptr<const Route>>::iterator find(std::string_view pattern) {
        return std::find_if(routes.begin(), routes.end(), [pattern](const auto& route) {
            return route->pattern == pattern;
        });
    }

    bool matches(const Route& route, std::string_view path, Path& found) const {
        try {
            return boost::regex_search(
                path.begin(), path.end(), found, route.regex, boost::match_continuous
            );
        } catch (const std::runtime_error& error) {
            logger->warn(
                "script pattern \"{}\" gave up on a path of {} bytes: {}",
                route.pattern,
                path.size(),
                error.what()
            );
            return false;
        }
    }
};

Router::Router(std::shared_ptr<spdlog::logger> logger) : impl_(std::make_unique<Impl>()) {
    impl_->logger = std::move(logger);
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
    impl_->fallback = std::move(fallback);
}

void Router::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    impl_->add(pattern.str(), pattern, std::move(handler));
}

bool Router::unregister_script_handler(std::string_view pattern) {
    std::unique_lock lock(impl_->mutex);
    const auto route = impl_->find(pattern);
    if (route == impl_->routes.end())
        return false;
    impl_->routes.erase(route);
    return true;
}

bool Router::unregister_script_handler(const boost::regex& pattern) {
    return unregister_script_handler(pattern.str());
}

void Router::clear_script_handlers() {
    std::unique_lock lock(impl_->mutex);
    impl_->routes.clear();
}

Router::Found Router::get_script_handler(std::string_view path) const {
    Path found;
    std::shared_lock lock(impl_->mutex);
    for (const auto& route : impl_->routes) {
        if (impl_->matches(*route, path, found))
            return {route->handler, to_match(*route, found)};
    }
    return {impl_->fallback, {}};
}

}  // namespace costrix::agi
