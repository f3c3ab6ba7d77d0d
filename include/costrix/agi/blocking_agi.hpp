// SPDX-License-Identifier: MIT
// BlockingAGI: a call on standard input and output for code that is no coroutine.
#pragma once

#include <costrix/agi/agi.hpp>
#include <costrix/agi/script.hpp>

#include <asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

/// A classic AGI script line by line (pystrix: agi.AGI): `execute` returns the result.
///
/// It is the same session as run_script()'s, with the same hangups, exceptions, private standard
/// streams and signals; see there. The exit status is the program's own: an AGIHangup is a normal
/// end, so main() should catch it and return 0.
///
/// Asterisk is listened to while a function of this runs. In between, a hangup is noted by the
/// signal and told by the next call. There can be one BlockingAGI in a process.
/// Thread safety: none.
class BlockingAGI {
public:
    using Deadline = AGI::Deadline;

    /// Reads the environment, and waits until it is complete. With `debug` the conversation is
    /// written to standard error.
    ///
    /// Throws AGIUnknownError when there is no AGI on standard input, std::system_error when there
    /// is nothing at all.
    explicit BlockingAGI(bool debug = false);
    explicit BlockingAGI(const ScriptOptions& options);
    /// Ends the conversation. Asterisk goes on when the process has ended.
    ~BlockingAGI();
    BlockingAGI(const BlockingAGI&) = delete;
    BlockingAGI& operator=(const BlockingAGI&) = delete;

    /// Sends an action's command, waits for the reply and returns its result.
    ///
    /// Throws what AGI::execute throws.
    template <Action A>
    ResultOf<A> execute(const A& action) {
        return wait(async().execute(action));
    }
    /// The same, with a time by which the reply must have come; then throws AGITimeout.
    template <Action A>
    ResultOf<A> execute(const A& action, Deadline deadline) {
        return wait(async().execute(action, deadline));
    }
    template <Action A>
    ResultOf<A> execute(const A& action, std::chrono::nanoseconds timeout) {
        return wait(async().execute(action, timeout));
    }

    /// Sends any command line, as written, and gives the bare reply, whatever it is.
    Reply send(std::string_view command_line) { return wait(async().send(command_line)); }

    /// See AGI, which these are of. hung_up() looks for what has happened since.
    std::map<std::string, std::string> get_environment() const { return async().get_environment(); }
    const Environment& environment() const noexcept { return async().environment(); }
    bool hung_up();
    void allow_after_hangup() noexcept { async().allow_after_hangup(); }

    /// The same call for coroutines, which run while wait() does.
    AGI& async() const noexcept;
    /// Runs a coroutine to its end, and returns what it returns or throws what it throws.
    template <class T>
    T wait(asio::awaitable<T> work);

private:
    void run_until(const bool& done);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

template <class T>
T BlockingAGI::wait(asio::awaitable<T> work) {
    bool done = false;
    std::exception_ptr failure;
    std::optional<detail::ValueOf<T>> value;
    auto ended = [&](std::exception_ptr error, std::optional<detail::ValueOf<T>> result) {
        failure = std::move(error);
        value = std::move(result);
        done = true;
    };
    asio::co_spawn(async().get_executor(), detail::boxed(std::move(work)), ended);
    run_until(done);
    if (failure)
        std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>)
        return std::move(*value);
}

}  // namespace costrix::agi
