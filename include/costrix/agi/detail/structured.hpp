// SPDX-License-Identifier: MIT
// Work beside the call: stopped with it, cutting a prompt short, or run to its end.
#pragma once

#include <costrix/agi/detail/execute.hpp>
#include <costrix/agi/detail/side_by_side.hpp>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/system_error.hpp>
#include <asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace costrix::agi {

/// What AGI::execute_during gives.
template <class T, class R>
struct During {
    T value;                  ///< The work's.
    std::optional<R> played;  ///< The prompt's, when it ended by itself; nothing when cut short.
};
template <class R>
struct During<void, R> {
    std::optional<R> played;
};

/// Runs work to its end, whatever is cancelled meanwhile.
///
/// For the part of a handler that must not be left half-done: a database transaction, a bill.
template <class T>
[[nodiscard]] asio::awaitable<T> to_its_end(asio::awaitable<T> work);

namespace detail {

/// Stands for a void result where a value is needed.
struct Nothing {};
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, Nothing, T>;

/// Has a coroutine that was spawned heed every cancellation that is passed on to it, as if it had
/// been awaited; it would heed the terminal one only.
inline asio::awaitable<void> heed_all_cancellation() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw_aborted();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
}

/// For work that is spawned: its result in an optional, so that it needs no default constructor.
template <class T>
asio::awaitable<std::optional<ValueOf<T>>> boxed(asio::awaitable<T> work) {
    co_await heed_all_cancellation();
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        co_return Nothing{};
    } else {
        co_return co_await std::move(work);
    }
}

/// A prompt that ends early when `stopped` says so: then it has no result.
template <class R>
asio::awaitable<std::optional<ValueOf<R>>>
stoppable(asio::awaitable<R> prompt, const bool& stopped) {
    try {
        co_return co_await boxed(std::move(prompt));
    } catch (const asio::system_error& error) {
        if (!stopped || error.code() != asio::error::operation_aborted)
            throw;
    }
    co_return std::nullopt;
}

/// Work that stops the prompt with this id when it has ended.
template <class T>
asio::awaitable<std::optional<ValueOf<T>>>
then_stop(asio::awaitable<T> work, Session& session, std::uint64_t prompt, bool& stopped) {
    auto value = co_await boxed(std::move(work));
    stopped = true;
    cancel(session, prompt, asio::cancellation_type::partial);
    co_return value;
}

template <class Parse, class T>
asio::awaitable<During<T, typename Parse::Result>>
play_during(Session& session, std::string line, CommandTraits traits, asio::awaitable<T> work) {
    using Result = typename Parse::Result;
    const auto executor = co_await asio::this_coro::executor;
    const auto id = next_id(session);
    bool stopped = false;
    auto prompt = initiate<Parse>(session, std::move(line), traits, Deadline::max(), id);
    auto playing = stoppable<Result>(std::move(prompt), stopped);
    auto working = then_stop<T>(std::move(work), session, id, stopped);
    auto ends = co_await side_by_side<ValueOf<Result>, ValueOf<T>>(
        executor, StopsOther::failure, std::move(playing), std::move(working)
    );
    // When one of them failed, the other was cancelled for it: the first is the news.
    if (const auto& news = ends.errors[ends.first])
        std::rethrow_exception(news);
    if (const auto& late = ends.errors[1 - ends.first])
        std::rethrow_exception(late);
    During<T, Result> result;
    result.played = std::move(ends.a);
    if constexpr (!std::is_void_v<T>)
        result.value = std::move(*ends.b);
    co_return result;
}

template <class T>
asio::awaitable<T>
unless_hung_up(Session& session, asio::awaitable<void> hangup, asio::awaitable<T> work) {
    if (is_hung_up(session))
        throw_hangup(session);
    const auto executor = co_await asio::this_coro::executor;
    auto working = boxed(std::move(work));
    auto waiting = boxed(std::move(hangup));
    auto ends = co_await side_by_side<ValueOf<T>, Nothing>(
        executor, StopsOther::any_end, std::move(working), std::move(waiting)
    );
    if (!ends.errors[0]) {
        if constexpr (std::is_void_v<T>)
            co_return;
        else
            co_return std::move(*ends.a);
    }
    if (ends.first == 1 && is_hung_up(session))
        throw_hangup(session);
    std::rethrow_exception(ends.errors[0]);
}

}  // namespace detail

template <class T>
asio::awaitable<T> to_its_end(asio::awaitable<T> work) {
    const auto executor = co_await asio::this_coro::executor;
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::optional<detail::ValueOf<T>> value;
    std::exception_ptr error;
    try {
        value = co_await asio::co_spawn(
            executor,
            detail::boxed(std::move(work)),
            asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable)
        );
    } catch (...) {
        error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (error)
        std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>)
        co_return std::move(*value);
}

}  // namespace costrix::agi
