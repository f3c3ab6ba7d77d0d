// SPDX-License-Identifier: MIT
// ScriptRunner: several handlers in one classic AGI program, chosen by name.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/script.hpp>

#include <boost/regex_fwd.hpp>

#include <memory>
#include <optional>
#include <string>

namespace costrix::agi {

/// A program with several handlers for Asterisk's `agi-bin`; the sibling of FastAGIServer.
///
/// The handler is that of the first of these that a pattern matches:
///   1. the name by which the program was started: one symbolic link for each handler;
///   2. the first argument, which may have a query string: `AGI(program,support/sales?pin=1234)`
///      is what `AGI(agi://host/support/sales?pin=1234)` is to a server. It is no member of
///      Request::args then;
///   3. the default handler.
/// Patterns are matched as Router does. Without a handler run() says so and returns 1.
class ScriptRunner {
public:
    explicit ScriptRunner(const ScriptOptions& options = {});
    ~ScriptRunner();
    ScriptRunner(const ScriptRunner&) = delete;
    ScriptRunner& operator=(const ScriptRunner&) = delete;

    /// See Router, which these are of.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);

    /// Runs one call on standard input and output: see run_script(), whose result it has.
    [[nodiscard]] int run();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::agi
