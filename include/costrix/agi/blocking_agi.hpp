// SPDX-License-Identifier: MIT
// BlockingAGI: a call on standard input and output for code that is no coroutine.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/script.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
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
    using Deadline = AGI::Deadline;

    /// Reads the environment. With `debug` the conversation is printed to standard error.
    ///
    /// Throws AGIUnknownError when there is no AGI on standard input, std::system_error when
    /// standard input or output is closed.
    explicit BlockingAGI(bool debug = false);
    explicit BlockingAGI(const ScriptOptions& options);
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
    template <Action A>
    ResultOf<A> execute(const A& action, std::chrono::nanoseconds timeout) {
        return wait(async().execute(action, timeout));
    }

    /// Sends any command line as written, and returns the bare reply, whatever it is.
    Reply send(std::string_view command_line) { return wait(async().send(command_line)); }

    /// As in AGI. hung_up() first looks for what has happened meanwhile.
    std::map<std::string, std::string> get_environment() const { return async().get_environment(); }
    const Environment& environment() const noexcept { return async().environment(); }
    bool hung_up();
    void allow_after_hangup() noexcept { async().allow_after_hangup(); }

    /// The same call for coroutines, which run inside wait().
    AGI& async() const noexcept;
    /// Runs a coroutine to its end; returns what it returns, throws what it throws.
    template <class T>
    T wait(asio::awaitable<T> work);

private:
    /// What is awaited, and how it ended.
    struct Waiting {
        void end(std::exception_ptr thrown) noexcept {
            error = std::move(thrown);
            done = true;
        }
        /// Called last, whatever becomes of the coroutine: one that was destroyed where it waited
        /// had been stuck after the call's end.
        struct Stop {
            std::shared_ptr<Waiting> waiting;
            void operator()(void*) const noexcept {
                if (!waiting->done)
                    waiting->end(std::make_exception_ptr(detail::Stopped()));
            }
        };
        bool done = false;
        std::exception_ptr error;
        asio::cancellation_signal cancel;
    };
    /// Runs the loop until it has ended, and throws what it threw. Any other exception meanwhile
    /// cancels it, and is thrown once it has ended.
    void run_until(Waiting& waiting);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

template <class T>
T BlockingAGI::wait(asio::awaitable<T> work) {
    using Value = std::optional<detail::ValueOf<T>>;
    // Shared, since the coroutine may outlive this function.
    struct State : Waiting {
        Value value;
    };
    struct Ended {
        std::shared_ptr<State> state;
        void operator()(std::exception_ptr error, Value result) {
            state->value = std::move(result);
            state->end(std::move(error));
        }
    };
    const auto state = std::make_shared<State>();
    Ended ended{std::shared_ptr<State>(state.get(), Waiting::Stop{state})};
    asio::co_spawn(
        async().get_executor(),
        detail::boxed(std::move(work)),
        asio::bind_cancellation_slot(state->cancel.slot(), std::move(ended))
    );
    run_until(*state);
    if constexpr (!std::is_void_v<T>)
        return std::move(*state->value);
}

}  // namespace costrix::agi
