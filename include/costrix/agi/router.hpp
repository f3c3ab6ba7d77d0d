// SPDX-License-Identifier: MIT
// Script handlers by regular expression, in the order in which they were registered.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/request.hpp>

#include <asio/awaitable.hpp>
#include <boost/regex_fwd.hpp>
#include <spdlog/fwd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

class AGI;

/// A call flow: any callable that returns a coroutine. It is kept alive while one of its
/// coroutines runs, also when it is unregistered meanwhile.
using ScriptHandler = std::function<asio::awaitable<void>(AGI&, const Request&)>;

/// Finds the handler of a script path, as pystrix's FastAGIServer does.
///
/// A pattern must match at the start of the path and need not reach its end; the first one that
/// was registered wins. A slash in front makes no difference, neither of the path nor of the
/// pattern: `menu$` and `/menu$` both match the path of `agi://host/menu`, which is `menu`. A
/// pattern that matches no more than the slash is that of the path `/`, of a URL without one.
/// Patterns are Boost.Regex's Perl syntax; Python's `(?P<name>…)` is understood too. Thread safety:
/// all functions may be called from any thread.
class Router {
public:
    /// What a path led to.
    struct Found {
        std::shared_ptr<const ScriptHandler> handler;  ///< Null when nothing matched.
        Match match;

        explicit operator bool() const noexcept { return handler != nullptr; }
    };

    /// Told of matches that fail with an error, in words. It may use the router.
    using Report = std::function<void(std::string_view what)>;

    /// Reports to nobody.
    Router();
    explicit Router(Report report);
    /// Reports to `logger`, as warnings.
    explicit Router(std::shared_ptr<spdlog::logger> logger);
    ~Router();
    /// A router with the same handlers that shares nothing with `other` which is written to when
    /// it looks for one: for another thread, so that they do not wait for each other's cache.
    Router(const Router& other, Report report);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// Adds a handler; a pattern that is registered already is left as it is.
    ///
    /// Without a pattern it sets the default handler, which gets what no pattern matches; a null
    /// handler then removes it. Throws std::invalid_argument for a pattern that is no regular
    /// expression, with the position of the fault, and for a null handler with a pattern.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);

    /// Removes a pattern's handler; false when there is none.
    bool unregister_script_handler(std::string_view pattern);
    bool unregister_script_handler(const boost::regex& pattern);

    /// Removes all patterns; the default handler stays.
    void clear_script_handlers();

    /// The handler for a path, with the captures of its pattern.
    ///
    /// A pattern that Boost.Regex gives up on (too complex for this path) is reported and does not
    /// match.
    Found get_script_handler(std::string_view path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::agi
