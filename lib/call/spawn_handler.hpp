// SPDX-License-Identifier: MIT
// Starts a handler's coroutine.
#pragma once

#include <costrix/asio.hpp>

#include <exception>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

#if COSTRIX_ASIO_VERSION < 102802

// Asio's co_spawn before 1.29 keeps its executor four times in the frame of each coroutine that it
// starts, and needs a second frame to begin. These are the versions for which co_spawn_fix.hpp has
// a part of co_spawn already; this is the other part, with the same effects.

using HandlerThread =
    asio::awaitable<asio::detail::awaitable_thread_entry_point, asio::any_io_executor>;

/// Calls `ending` with the error, but not from within the function that started the coroutine.
template <class Ending>
void end_handler(
    const asio::any_io_executor& executor,
    Ending&& ending,
    std::exception_ptr&& error,
    bool has_suspended
) {
    auto end = [ending = std::move(ending), error = std::move(error)]() mutable {
        std::move(ending)(std::move(error));
    };
    if (has_suspended)
        asio::dispatch(executor, std::move(end));
    else
        asio::post(executor, std::move(end));
}

/// `work`: the executor, which counts this as its context's work.
template <class Ending>
HandlerThread run_handler(asio::awaitable<void> flow, Ending ending, asio::any_io_executor work) {
    std::exception_ptr error;
    try {
        co_await std::move(flow);
    } catch (...) {
        error = std::current_exception();
    }
    constexpr asio::detail::awaitable_thread_has_context_switched kHasSuspended{};
    const bool has_suspended = co_await kHasSuspended;
    end_handler(work, std::move(ending), std::move(error), has_suspended);
}

#endif

/// Runs `flow` on the executor, at once if this is there, and then calls `ending` with the
/// exception that left it, or null. `slot` cancels what it awaits (terminal).
template <class Ending>
void spawn_handler(
    const asio::any_io_executor& executor,
    asio::awaitable<void> flow,
    asio::cancellation_slot slot,
    Ending ending
) {
#if COSTRIX_ASIO_VERSION < 102802
    using Handler = asio::detail::awaitable_handler<asio::any_io_executor, void>;
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    const asio::cancellation_state state(slot);
    Handler thread(
        run_handler(std::move(flow), std::move(ending), std::move(work)), executor, slot, state
    );
    asio::dispatch(executor, [thread = std::move(thread)]() mutable { thread.launch(); });
#else
    asio::co_spawn(
        executor, std::move(flow), asio::bind_cancellation_slot(slot, std::move(ending))
    );
#endif
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
