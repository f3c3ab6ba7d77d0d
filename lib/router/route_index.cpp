// SPDX-License-Identifier: MIT
// What a pattern begins with, and the nodes that lead from a path to its patterns.
#include "router/route_index.hpp"

#include <algorithm>

namespace costrix::agi::detail {
namespace {

constexpr std::string_view kSpecial = ".[{()\\*+?|^$";
/// What loses its meaning after a backslash; letters, < and others gain one.
constexpr std::string_view kEscapable = ".[]{}()\\*+?|^$-/";
constexpr std::string_view kRepeats = "*+?{";

/// True unless a `|` can be seen to stand within parentheses only.
bool may_be_alternatives(std::string_view pattern) noexcept {
    if (pattern.find('|') == std::string_view::npos)
        return false;
    // Parentheses may be mere characters in a class, a literal, a control character, a comment.
    for (const std::string_view hint : {"[", "\\Q", "\\c", "#"})
        if (pattern.find(hint) != std::string_view::npos)
            return true;
    int depth = 0;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '\\')
            ++at;
        else if (c == '|' && depth == 0)
            return true;
        else
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return false;
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

}  // namespace

Spellings spellings_of(std::string_view path, std::string& room) {
    if (path.empty() || path == "/")
        return {path, std::nullopt};
    if (path.starts_with('/'))
        return {path, path.substr(1)};
    room.assign(1, '/').append(path);
    return {path, room};
}

std::string literal_prefix(const boost::regex& pattern) {
    const std::string text = pattern.str();
    if (pattern.flags() != boost::regex::perl || may_be_alternatives(text))
        return {};
    std::string prefix;
    for (std::size_t at = text.starts_with('^') ? 1 : 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '\\' && at + 1 < text.size() &&
            kEscapable.find(text[at + 1]) != std::string_view::npos)
            c = text[++at];
        else if (kSpecial.find(c) != std::string_view::npos)
            break;
        if (at + 1 < text.size() && kRepeats.find(text[at + 1]) != std::string_view::npos)
            break;
        prefix += c;
    }
    return prefix;
}

Route::Route(std::string pattern_as_registered, boost::regex compiled, ScriptHandler script_handler)
    : pattern(std::move(pattern_as_registered)), regex(std::move(compiled)),
      prefix(literal_prefix(regex)),
      names(std::make_shared<const std::vector<std::string>>(group_names(regex.str()))),
      handler(std::make_shared<const ScriptHandler>(std::move(script_handler))) {}

bool RouteIndex::add(std::shared_ptr<Route> route) {
    const auto [pattern, is_new] = patterns_.insert(route->pattern);
    if (!is_new)
        return false;
    try {
        const auto [place, is_new_node] = nodes_.try_emplace(route->prefix);
        if (is_new_node) {
            place->second.prefix = &place->first;
            relink(place->first);
        }
        route->order = added_++;
        place->second.routes.push_back(std::move(route));
    } catch (...) {
        patterns_.erase(pattern);
        throw;
    }
    return true;
}

std::shared_ptr<const Route> RouteIndex::remove(std::string_view pattern) {
    const auto known = patterns_.find(std::string(pattern));
    if (known == patterns_.end())
        return nullptr;
    patterns_.erase(known);
    const auto place = node_of(pattern);
    auto& routes = place->second.routes;
    const auto it = std::find_if(routes.begin(), routes.end(), [pattern](const auto& route) {
        return route->pattern == pattern;
    });
    auto removed = std::move(*it);
    routes.erase(it);
    if (routes.empty()) {
        const auto prefix = std::move(nodes_.extract(place).key());
        relink(prefix);
    }
    return removed;
}

std::vector<std::shared_ptr<const Route>> RouteIndex::in_order() const {
    Routes all;
    for (const auto& [prefix, node] : nodes_)
        all.insert(all.end(), node.routes.begin(), node.routes.end());
    std::sort(all.begin(), all.end(), [](const auto& one, const auto& other) {
        return one->order < other->order;
    });
    return all;
}

/// The node that has a route of this pattern.
RouteIndex::Nodes::iterator RouteIndex::node_of(std::string_view pattern) {
    const auto has_it = [pattern](const auto& route) { return route->pattern == pattern; };
    return std::find_if(nodes_.begin(), nodes_.end(), [has_it](const auto& node) {
        const auto& routes = node.second.routes;
        return std::any_of(routes.begin(), routes.end(), has_it);
    });
}

/// Finds the next shorter node anew, for the node of this prefix and for all longer ones.
void RouteIndex::relink(std::string_view prefix) {
    for (auto place = nodes_.lower_bound(prefix);
         place != nodes_.end() && place->first.starts_with(prefix);
         ++place)
        place->second.shorter = longest_prefix(place->first, place);
}

/// The longest of those before `after` that `path` begins with.
const RouteIndex::Node*
RouteIndex::longest_prefix(std::string_view path, Nodes::const_iterator after) const noexcept {
    if (after == nodes_.begin())
        return nullptr;
    const Node* node = &std::prev(after)->second;
    while (node && !path.starts_with(*node->prefix))
        node = node->shorter;
    return node;
}

void RouteIndex::collect(std::string_view path, std::vector<Place>& places) const {
    for (auto node = longest_prefix(path, nodes_.upper_bound(path)); node; node = node->shorter) {
        if (!node->routes.empty())
            places.push_back({node->routes.begin(), node->routes.end(), path});
    }
}

}  // namespace costrix::agi::detail
