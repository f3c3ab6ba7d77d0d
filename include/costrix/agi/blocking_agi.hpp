// SPDX-License-Identifier: MIT
// BlockingAGI: a call on standard input and output for code that is no coroutine.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/script.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// A classic AGI script without coroutines (pystrix: agi.AGI): `execute` returns the result.
///
/// The session is that of run_script(), with the same hangups, exceptions, private standard streams
/// and signals; see there. The exit status is up to the program: an AGIHangup is a normal end, so
/// main() should catch it and return 0.
///
/// Asterisk's bytes are read only while a member function runs. In between, a signal notes the
/// hangup, and the next call reports it. There can be one BlockingAGI in a process.
/// Thread safety: none.
class BlockingAGI {
public:
    using Deadline = AGI::Deadline;  ///< A time on the clock of deadlines.

    /// Reads the environment. With `debug` the conversation is printed to standard error.
    ///
    /// Throws AGIUnknownError when there is no AGI on standard input, std::system_error when
    /// standard input or output is closed.
    explicit BlockingAGI(bool debug = false);
    explicit BlockingAGI(const ScriptOptions& options);  ///< With other options.
    /// Ends the conversation. Asterisk continues when the process has exited.
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
    /// The same, but throws AGITimeout if the reply has not come by the deadline.
    template <Action A>
    ResultOf<A> execute(const A& action, Deadline deadline) {
        return wait(async().execute(action, deadline));
    }
    /// The same, with a timeout that runs from now.
    template <Action A>
    ResultOf<A> execute(const A& action, std::chrono::nanoseconds timeout) {
        return wait(async().execute(action, timeout));
    }

    /// Sends any command line as written, and returns the bare reply, whatever it is.
    Reply send(std::string_view command_line) { return wait(async().send(command_line)); }

    /// As in AGI. hung_up() first looks for what has happened meanwhile.
    std::map<std::string, std::string> get_environment() const { return async().get_environment(); }
    /// What Asterisk sent at the start.
    const Environment& environment() const noexcept { return async().environment(); }
    bool hung_up();  ///< As AGI::hung_up().
    /// As AGI::allow_after_hangup().
    void allow_after_hangup() noexcept { async().allow_after_hangup(); }

    /// The same call for coroutines, which run inside wait().
    AGI& async() const noexcept;
    /// Runs a coroutine to its end; returns what it returns, throws what it throws.
    template <class T>
    T wait(asio::awaitable<T> work);

private:
    /// Runs the loop until `ended`. An exception that leaves a completion handler meanwhile emits
    /// `cancel`, and is thrown at the end.
    void run_until(const std::function<bool()>& ended, asio::cancellation_signal& cancel);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

template <class T>
T BlockingAGI::wait(asio::awaitable<T> work) {
    asio::cancellation_signal cancel;
    auto result = asio::co_spawn(
        async().get_executor(),
        detail::boxed(std::move(work)),
        asio::bind_cancellation_slot(cancel.slot(), asio::use_future)
    );
    using namespace std::chrono_literals;
    run_until([&] { return result.wait_for(0s) == std::future_status::ready; }, cancel);
    try {
        auto value = result.get();
        if constexpr (!std::is_void_v<T>)
            return std::move(*value);
    } catch (const std::future_error&) {  // it was destroyed where it waited
        throw detail::Stopped();
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi
