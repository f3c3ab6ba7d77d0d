// SPDX-License-Identifier: MIT
// Script handlers by regular expression, in the order in which they were registered.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/agi/script_handler.hpp>

#include <boost/regex_fwd.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// Finds the handler for a script path.
///
/// Patterns are tried in the order of registration; one must match at the start of the path and
/// need not reach its end. A leading slash makes no difference, in the path or in the pattern:
/// `menu$` and `/menu$` both match `menu`, the path of `agi://host/menu`. A pattern that matches
/// nothing but the slash is for the path `/`, that of a URL without one. Patterns are Boost.Regex's
/// Perl syntax; Python's `(?P<name>…)` is understood too.
///
/// Thread safety: all functions may be called from any thread. A look-up waits for another one or
/// for a registration no longer than it takes to copy a pointer. Handlers and reports are never
/// called or destroyed under a lock.
class Router {
public:
    /// The result of a look-up. It keeps the handler alive.
    struct Found {
        std::shared_ptr<const ScriptHandler> handler;  ///< Null if there is none.
        Match match;                                   ///< The pattern's groups in the path.
        /// The handler's pattern, as registered; empty for the default handler. Lives as long as
        /// the handler.
        std::string_view pattern = {};

        /// True if there is a handler.
        explicit operator bool() const noexcept { return handler != nullptr; }
    };

    /// Called when Boost.Regex gives up on a match, with a message. It may use the router.
    using Report = std::function<void(std::string_view message)>;

    /// Ignores matches that Boost.Regex gives up on.
    Router();
    /// A router that reports a failing pattern by calling `report`.
    explicit Router(Report report);
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// Adds a handler, unless the pattern is registered already.
    ///
    /// Without a pattern it sets the default handler, which gets the paths that no pattern matches;
    /// a null handler removes it.
    ///
    /// Throws std::invalid_argument for a pattern that is not a regular expression, with the
    /// position of the error, and for a pattern with a null handler.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    /// The same, for a compiled pattern.
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);

    /// Sets the handler for the paths that no pattern matches; a null handler removes it. The same
    /// as registering it without a pattern.
    void set_default_handler(ScriptHandler handler);

    /// Removes a pattern and its handler; false if it is not registered.
    bool unregister_script_handler(std::string_view pattern);
    /// The same, for a compiled pattern.
    bool unregister_script_handler(const boost::regex& pattern);

    /// Removes all patterns, but not the default handler.
    void clear_script_handlers();

    /// Finds the handler for a path, and the captures of its pattern.
    ///
    /// A pattern that is too complex for this path, so that Boost.Regex gives up, is reported and
    /// does not match.
    Found get_script_handler(std::string_view path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
