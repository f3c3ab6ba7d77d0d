// SPDX-License-Identifier: MIT
// Work beside the call: cancelled with it, or cutting a prompt short.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/detail/coroutine_group.hpp>
#include <costrix/agi/detail/execute.hpp>
#include <costrix/asio.hpp>

#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace costrix::inline COSTRIX_ABI::agi {

/// The result of AGI::execute_during.
template <class T, class R>
struct During {
    detail::ValueOf<T> value;  ///< The work's; `std::monostate` for void.
    std::optional<R> played;   ///< The prompt's if it ended by itself; nullopt if it was cut short.
};

namespace detail {

/// A prompt that ends early when `stopped` says so: then it has no result.
template <class R>
asio::awaitable<std::optional<ValueOf<R>>>
stoppable(asio::awaitable<R> prompt, const bool& stopped) {
    try {
        co_return co_await boxed(std::move(prompt));
    } catch (const system_error& error) {
        if (!stopped || error.code() != asio::error::operation_aborted)
            throw;
    }
    co_return std::nullopt;
}

/// Work that stops the prompt with this id when it has ended.
template <class T>
asio::awaitable<std::optional<ValueOf<T>>>
then_stop(asio::awaitable<T> work, SessionInterface& session, std::uint64_t prompt, bool& stopped) {
    auto value = co_await boxed(std::move(work));
    stopped = true;
    session.cancel(prompt, asio::cancellation_type::partial);
    co_return value;
}

template <class Parse, class T>
asio::awaitable<During<T, typename Parse::Result>> play_during(
    SessionInterface& session,
    std::string line,
    CommandTraits traits,
    asio::awaitable<T> work
) {
    using Result = typename Parse::Result;
    const auto executor = co_await asio::this_coro::executor;
    const auto id = session.next_id();
    bool stopped = false;
    auto prompt = initiate<Parse, &SessionInterface::submit>(
        session, std::move(line), traits, Deadline::max(), id
    );
    auto playing = stoppable<Result>(std::move(prompt), stopped);
    auto working = then_stop<T>(std::move(work), session, id, stopped);
    auto ends = co_await side_by_side<ValueOf<Result>, ValueOf<T>>(
        executor, StopsOthers::failure, std::move(playing), std::move(working)
    );
    if (const auto& error = ends.errors[ends.first])
        std::rethrow_exception(error);
    co_return During<T, Result>{
        std::move(*std::get<1>(ends.values)), std::move(std::get<0>(ends.values))};
}

template <class T>
asio::awaitable<T>
unless_hung_up(SessionInterface& session, asio::awaitable<void> hangup, asio::awaitable<T> work) {
    if (session.hung_up())
        co_await initiate<ParseEnd, &SessionInterface::refuse>(session, Deadline::max());
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
    if (ends.first == 1 && session.hung_up())
        throw_hangup(session);
    std::rethrow_exception(ends.errors[0]);
}

}  // namespace detail

}  // namespace costrix::inline COSTRIX_ABI::agi
