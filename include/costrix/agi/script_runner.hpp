// SPDX-License-Identifier: MIT
// ScriptRunner: several handlers in one classic AGI program, chosen by name.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/script.hpp>

#include <boost/regex_fwd.hpp>

#include <memory>
#include <optional>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

/// A program with several handlers for Asterisk's `agi-bin`: FastAGIServer's counterpart.
///
/// Patterns, matched as by Router, are tried on these in turn:
///   1. the name the program was started by: one symbolic link per handler;
///   2. the first argument, which may have a query string: `AGI(program,support/sales?pin=1234)`
///      is to a script what `AGI(agi://host/support/sales?pin=1234)` is to a server. It is then
///      left out of Request::args.
/// If neither matches, the default handler runs. Without one run() says so and returns 1.
class ScriptRunner {
public:
    explicit ScriptRunner(const ScriptOptions& options = {});  ///< A runner without handlers.
    ~ScriptRunner();
    ScriptRunner(const ScriptRunner&) = delete;
    ScriptRunner& operator=(const ScriptRunner&) = delete;

    /// As in Router.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    /// The same, for a compiled pattern.
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);

    /// Runs one call on standard input and output, and returns as run_script() does.
    [[nodiscard]] int run();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
