// SPDX-License-Identifier: MIT
// Work beside the call: cancelled with it, or cutting a prompt short.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/detail/execute.hpp>
#include <costrix/agi/detail/side_by_side.hpp>

#include <asio/error.hpp>
#include <asio/system_error.hpp>
#include <asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

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

namespace detail {

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
        executor, StopsOthers::failure, std::move(playing), std::move(working)
    );
    if (const auto& error = ends.errors[ends.first])
        std::rethrow_exception(error);
    During<T, Result> result;
    result.played = std::move(std::get<0>(ends.values));
    if constexpr (!std::is_void_v<T>)
        result.value = std::move(*std::get<1>(ends.values));
    co_return result;
}

template <class T>
asio::awaitable<T>
unless_hung_up(Session& session, asio::awaitable<void> hangup, asio::awaitable<T> work) {
    if (is_hung_up(session))
        co_await initiate<ParseRefusal>(session, Refused());
    const auto executor = co_await asio::this_coro::executor;
    auto working = boxed(std::move(work));
    auto waiting = boxed(std::move(hangup));
    auto ends = co_await side_by_side<ValueOf<T>, std::monostate>(
        executor, StopsOthers::any_end, std::move(working), std::move(waiting)
    );
    if (!ends.errors[0]) {
        if constexpr (std::is_void_v<T>)
            co_return;
        else
            co_return std::move(*std::get<0>(ends.values));
    }
    if (ends.first == 1 && is_hung_up(session))
        throw_hangup(session);
    std::rethrow_exception(ends.errors[0]);
}

}  // namespace detail

}  // namespace costrix::agi
