// SPDX-License-Identifier: MIT
// Registering patterns, and matching a path against them.
#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// The text that every match of `pattern` starts with, as far as that is obvious; often empty.
std::string literal_prefix(const boost::regex& pattern) {
    constexpr std::string_view kLiterals =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-";
    std::string text = pattern.str();
    if (pattern.flags() != boost::regex::perl || text.find('|') != std::string::npos)
        return {};
    text.erase(0, text.starts_with('^') ? 1 : 0);
    auto size = std::min(text.find_first_not_of(kLiterals), text.size());
    if (size > 0 && text.find_first_of("*+?{", size) == size)
        --size;  // the last one may be repeated, or missing
    return text.substr(0, size);
}

/// The names of the pattern's groups, which Boost.Regex does not list.
///
/// It may also return text that names no group. That does no harm: such a name never matches.
std::vector<std::string> group_names(std::string_view pattern) {
    std::vector<std::string> names;
    for (std::size_t at = 0; (at = pattern.find("(?<", at)) != std::string_view::npos;) {
        at += 3;
        names.emplace_back(pattern.substr(at, pattern.find('>', at) - at));
    }
    return names;
}

/// Writes Python's named groups, `(?P<name>`, as Boost.Regex reads them.
std::string without_python_groups(std::string pattern) {
    for (std::size_t at = 0; (at = pattern.find("(?P<", at)) != std::string::npos; ++at) {
        if (at == 0 || pattern[at - 1] != '\\')
            pattern.erase(at + 2, 1);
    }
    return pattern;
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

/// A pattern and its handler.
struct Route {
    Route(std::string pattern_as_registered, boost::regex compiled, ScriptHandler script_handler)
        : pattern(std::move(pattern_as_registered)), regex(std::move(compiled)),
          prefix(literal_prefix(regex)),
          whole(
              !prefix.empty() &&
              regex.str() == (regex.str()[0] == '^' ? '^' + prefix : prefix) + '$'
          ),
          names(std::make_shared<const std::vector<std::string>>(group_names(regex.str()))),
          handler(std::move(script_handler)) {}

    std::string pattern;
    boost::regex regex;
    std::string prefix;  // rejects most patterns without running them
    bool whole;          // the pattern is nothing but its prefix and a `$`
    Match::Names names;
    ScriptHandler handler;
};

struct RouteTable {
    std::vector<std::shared_ptr<const Route>> routes;  // in the order of registration
    std::shared_ptr<const ScriptHandler> default_handler;
};

auto has_pattern(std::string_view pattern) {
    return [pattern](const auto& route) { return route->pattern == pattern; };
}

using Captures = boost::match_results<std::string_view::const_iterator>;

bool matches(
    const Route& route,
    std::string_view path,
    Captures& captures,
    std::vector<std::string>& errors
) {
    try {
        return boost::regex_search(
            path.begin(), path.end(), captures, route.regex, boost::match_continuous
        );
    } catch (const std::runtime_error& error) {
        errors.push_back(
            "script pattern \"" + route.pattern + "\" gave up on a path of " +
            std::to_string(path.size()) + " bytes: " + error.what()
        );
        return false;
    }
}

/// `captures` point into `path`.
Match to_match(const Route& route, const Captures& captures, std::string&& path) {
    auto span_of = [&](const Captures::value_type& group) {
        if (!group.matched)
            return Match::Span();
        return Match::Span{
            static_cast<std::uint32_t>(group.first - path.data()),
            static_cast<std::uint32_t>(group.second - path.data())};
    };
    Match::Groups groups;
    groups.reserve(captures.size() - 1 + route.names->size());
    for (std::size_t n = 1; n < captures.size(); ++n)
        groups.push_back(span_of(captures[static_cast<int>(n)]));
    for (const auto& name : *route.names)
        groups.push_back(span_of(captures[name]));
    const auto whole = span_of(captures[0]);
    return Match(std::move(path), whole, std::move(groups), route.names);
}

Router::Found
find(const RouteTable& table, std::string_view path, std::vector<std::string>& errors) {
    static thread_local Captures captures;  // keeps its memory
    const bool has_slash = path.starts_with('/');
    std::string text(has_slash ? 0 : 1, '/');
    text += path;
    const std::string_view slashed = text, bare = slashed.substr(1);
    // As it was sent first. The path "/" has no other spelling.
    const std::array spellings{has_slash ? slashed : bare, has_slash ? bare : slashed};
    const auto tried = std::span(spellings).first(slashed.size() > 1 ? 2 : 1);
    for (const auto& route : table.routes) {
        for (const auto spelling : tried) {
            if (!spelling.starts_with(route->prefix))
                continue;
            const auto size = static_cast<std::uint32_t>(spelling.size());
            const bool equal = route->whole && size == route->prefix.size();
            if (!equal && !matches(*route, spelling, captures, errors))
                continue;
            // A match of nothing but a slash that was not sent is for the path "/" only.
            if (size > path.size() && (equal ? size : captures.length()) == 1)
                continue;
            const auto begin = static_cast<std::uint32_t>(text.size()) - size;
            auto match = equal ? Match(std::move(text), {begin, begin + size}, {}, route->names)
                               : to_match(*route, captures, std::move(text));
            return {{route, &route->handler}, std::move(match), route->pattern};
        }
    }
    return {table.default_handler, {}};
}

}  // namespace

/// A look-up reads an immutable table; a registration replaces it with a changed copy.
struct Router::Impl {
    using Table = std::shared_ptr<const RouteTable>;

    Report report;
    std::mutex changing;        // held by one change() at a time
    mutable std::mutex access;  // guards `table`, while it is copied or replaced
    Table table = std::make_shared<const RouteTable>();

    Table current() const {
        const std::lock_guard lock(access);
        return table;
    }

    template <class Change>
    void change(Change change) {
        Table old;  // may hold the last reference to a handler, so destroy it after unlocking
        const std::lock_guard change_lock(changing);
        old = current();
        auto changed = std::make_shared<RouteTable>(*old);
        change(*changed);
        const std::lock_guard lock(access);
        table = std::move(changed);
    }

    void add(std::string pattern, boost::regex regex, ScriptHandler handler) {
        if (!handler)
            throw std::invalid_argument("script pattern \"" + pattern + "\": the handler is null");
        const auto route =
            std::make_shared<const Route>(std::move(pattern), std::move(regex), std::move(handler));
        change([&route](RouteTable& changed) {
            auto& routes = changed.routes;
            if (std::none_of(routes.begin(), routes.end(), has_pattern(route->pattern)))
                routes.push_back(route);
        });
    }
};

Router::Router() : Router([](std::string_view) {}) {}

Router::Router(Report report) : impl_(std::make_unique<Impl>()) {
    impl_->report = std::move(report);
}

Router::~Router() = default;

void Router::register_script_handler(std::optional<std::string> pattern, ScriptHandler handler) {
    if (pattern) {
        auto regex = compile(*pattern);
        impl_->add(std::move(*pattern), std::move(regex), std::move(handler));
        return;
    }
    set_default_handler(std::move(handler));
}

void Router::set_default_handler(ScriptHandler handler) {
    std::shared_ptr<const ScriptHandler> fallback;
    if (handler)
        fallback = std::make_shared<const ScriptHandler>(std::move(handler));
    impl_->change([&fallback](RouteTable& table) { table.default_handler = fallback; });
}

void Router::register_script_handler(const boost::regex& pattern, ScriptHandler handler) {
    if (pattern.empty())
        throw std::invalid_argument("script pattern: the boost::regex holds no expression");
    impl_->add(pattern.str(), pattern, std::move(handler));
}

bool Router::unregister_script_handler(std::string_view pattern) {
    std::size_t removed = 0;
    impl_->change([&](RouteTable& table) {
        removed = std::erase_if(table.routes, has_pattern(pattern));
    });
    return removed > 0;
}

bool Router::unregister_script_handler(const boost::regex& pattern) {
    return unregister_script_handler(pattern.str());
}

void Router::clear_script_handlers() {
    impl_->change([](RouteTable& table) { table.routes.clear(); });
}

Router::Found Router::get_script_handler(std::string_view path) const {
    std::vector<std::string> errors;
    auto found = find(*impl_->current(), path, errors);
    for (const auto& error : errors)
        impl_->report(error);
    return found;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
