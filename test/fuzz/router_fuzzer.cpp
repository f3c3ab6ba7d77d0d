// SPDX-License-Identifier: MIT
// Routing: any path, against any short patterns and some as people write them, finds what trying
// one pattern after the other finds.
#include "fuzz/input.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;

namespace {

/// Those of the documentation, and some that take exponential time where nothing stops them.
constexpr const char* kPatterns[] = {
    "support/(?<queue>\\w+)",
    "support/(?P<queue>\\w+)/(?P<agent>\\d{3,4})?",
    "support",
    "(\\w+)/(.*)",
    "/$",
    "(?i)ivr|voicemail",
    "(a+)+$",
    "(a|aa)+$",
    "(.*a){12}",
    "([a-zA-Z]+)*$",
    "(?<x>.)(?<y>.)\\2\\1",
};

/// A handler that can be told from others.
struct Numbered {
    std::size_t number;
    asio::awaitable<void> operator()(agi::AGI&, const agi::Request&) const { co_return; }
};

/// A router, and beside it what it must be equivalent to.
class Pair {
public:
    void add(const std::string& pattern) {
        try {
            router_.register_script_handler(pattern, Numbered{patterns_.size()});
        } catch (const std::invalid_argument&) {
            return;
        }
        patterns_.push_back(pattern);
        auto text = pattern;  // Python's groups aside, Boost.Regex reads it as it is
        for (std::size_t at = 0; (at = text.find("(?P<", at)) != std::string::npos; ++at)
            if (at == 0 || text[at - 1] != '\\')
                text.erase(at + 2, 1);
        regexes_.emplace_back(text);
    }

    void check(std::string_view path) const {
        const auto found = router_.get_script_handler(path);
        boost::cmatch match;
        const std::string with_slash = "/" + std::string(path);
        std::size_t expected = 0;
        while (expected < regexes_.size() &&
               !matches_a_spelling(regexes_[expected], path, with_slash, match))
            ++expected;
        require(found ? expected < regexes_.size() : expected == regexes_.size(), "a match is one");
        if (!found)
            return;
        const auto number = found.handler->target<Numbered>()->number;
        require(patterns_[number] == patterns_[expected], "the first pattern that matches is it");
        require(found.match.size() == match.size(), "there are as many groups");
        for (std::size_t n = 0; n < match.size(); ++n) {
            const auto& group = match[static_cast<int>(n)];
            require(found.match.find(n).has_value() == group.matched, "a group took part or not");
            require(found.match[n] == group.str(), "a group has its text");
        }
        require(!found.match.find(match.size()), "there is no group beyond the last");
        static_cast<void>(found.match["queue"]);
    }

    void remove_all() {
        for (const auto& pattern : patterns_)
            router_.unregister_script_handler(pattern);
        require(!router_.get_script_handler("support/x"), "what was removed does not match");
    }

private:
    /// As it came; or without its slash, or with one that is not all that matches.
    static bool matches_a_spelling(
        const boost::regex& regex,
        std::string_view path,
        std::string_view with_slash,
        boost::cmatch& match
    ) {
        if (matches(regex, path, match))
            return true;
        if (path.empty() || path == "/")
            return false;
        if (path.starts_with('/'))
            return matches(regex, path.substr(1), match);
        return matches(regex, with_slash, match) && match.length() != 1;
    }

    static bool matches(const boost::regex& regex, std::string_view path, boost::cmatch& match) {
        try {
            const auto* const begin = path.data();
            return boost::regex_search(
                begin, begin + path.size(), match, regex, boost::match_continuous
            );
        } catch (const std::runtime_error&) {
            return false;  // too complex
        }
    }

    agi::Router router_;
    std::vector<std::string> patterns_;
    std::vector<boost::regex> regexes_;
};

const Pair& known() {
    static const auto pair = [] {
        auto made = std::make_unique<Pair>();
        for (const auto* pattern : kPatterns)
            made->add(pattern);
        return made;
    }();
    return *pair;
}

}  // namespace

/// Up to four patterns, a line each, then an empty line, then the path.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Pair pair;
    for (int n = 0; n < 4; ++n) {
        const auto pattern = input.line().substr(0, 40);
        if (pattern.empty())
            break;
        pair.add(std::string(pattern));
    }
    const auto path = input.rest().substr(0, 200);
    known().check(path);
    pair.check(path);
    pair.remove_all();
    return 0;
}
