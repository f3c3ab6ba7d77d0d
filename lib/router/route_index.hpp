// SPDX-License-Identifier: MIT
// Finds the patterns that may match a path, by the text that each of them begins with.
#pragma once

#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace costrix::agi::detail {

/// A path as Asterisk sent it, and the same with or without a slash in front; `/` has no other.
struct Spellings {
    std::string_view sent;
    std::optional<std::string_view> other;
};

/// `room`: for the spelling with a slash, which must be as long as this is used.
Spellings spellings_of(std::string_view path, std::string& room);

/// The text that whatever `pattern` matches begins with; empty when that cannot be told easily.
std::string literal_prefix(const boost::regex& pattern);

/// A pattern and its handler.
struct Route {
    Route(std::string pattern_as_registered, boost::regex compiled, ScriptHandler script_handler);

    std::string pattern;  // as registered
    boost::regex regex;
    std::string prefix;  // see literal_prefix()
    Match::Names names;
    std::shared_ptr<const ScriptHandler> handler;
    std::uint64_t order = 0;  // of registration
};

/// All routes. A path meets only those whose prefix it begins with, in their order.
///
/// Prefixes that a path begins with are each other's prefixes, and whichever of them is longest
/// stands last before the path in alphabetical order, but for longer ones that begin with it. So
/// each node knows the next shorter one, and the walk is a look-up and a few steps.
class RouteIndex {
public:
    /// Adds a route behind all others; false when its pattern is there already.
    bool add(std::shared_ptr<Route> route);
    /// Removes a pattern and returns what it had; null when it is not there.
    std::shared_ptr<const Route> remove(std::string_view pattern);
    /// All of them, in the order of their registration.
    std::vector<std::shared_ptr<const Route>> in_order() const;

    /// The first route that may match one of the spellings and that `accept` says yes to, which is
    /// called with the route and the spelling; null when there is none.
    ///
    /// `accept` must not look for another one.
    template <class Accept>
    const Route* find(const Spellings& path, Accept accept) const {
        static thread_local std::vector<Place> places;  // keeps its memory
        places.clear();
        collect(path.sent, places);
        if (path.other)
            collect(*path.other, places);
        while (!places.empty()) {
            auto next = places.begin();
            for (auto place = next + 1; place != places.end(); ++place)
                if ((*place->route)->order < (*next->route)->order)
                    next = place;
            const Route& route = **next->route;
            if (accept(route, next->spelling))
                return &route;
            if (++next->route == next->end)
                places.erase(next);
        }
        return nullptr;
    }

private:
    using Routes = std::vector<std::shared_ptr<const Route>>;
    struct Node {
        Routes routes;                  // in their order; empty after a failed add() only
        const Node* shorter = nullptr;  // that with the longest prefix of this one's prefix
        const std::string* prefix = nullptr;
    };
    using Nodes = std::map<std::string, Node, std::less<>>;
    /// How far one node's routes have been tried, with one spelling.
    struct Place {
        Routes::const_iterator route, end;
        std::string_view spelling;
    };

    const Node* longest_prefix(std::string_view path, Nodes::const_iterator after) const noexcept;
    void collect(std::string_view path, std::vector<Place>& places) const;
    Nodes::iterator node_of(std::string_view pattern);
    void relink(std::string_view prefix);

    Nodes nodes_;
    std::unordered_set<std::string> patterns_;
    std::uint64_t added_ = 0;
};

}  // namespace costrix::agi::detail
