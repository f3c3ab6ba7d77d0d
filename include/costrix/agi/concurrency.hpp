// SPDX-License-Identifier: MIT
// Coroutines side by side: the first of several, all of several, shielded, on another executor.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/coroutine_group.hpp>
#include <costrix/asio.hpp>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {

/// Stands for a void result where a value is needed.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Makes a spawned coroutine accept every cancellation type, as if it had been awaited; by default
/// it accepts `terminal` only.
inline asio::awaitable<void> accept_all_cancellation() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw system_error(asio::error::operation_aborted);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
}

/// For work that is spawned: its result in an optional, so that it needs no default constructor.
template <class T>
asio::awaitable<std::optional<ValueOf<T>>> boxed(asio::awaitable<T> work) {
    co_await accept_all_cancellation();
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        co_return std::monostate{};
    } else {
        co_return co_await std::move(work);
    }
}

template <class Variant, std::size_t I, class Values>
Variant take_value(Values& values) {
    return Variant(std::in_place_index<I>, std::move(*std::get<I>(values)));
}

template <class Variant, class Values, std::size_t... Is>
Variant take_winner(Values& values, std::size_t winner, std::index_sequence<Is...>) {
    using Take = Variant (*)(Values&);
    constexpr Take kTake[] = {&take_value<Variant, Is, Values>...};
    return kTake[winner](values);
}

/// Spawns run_on()'s work on a strand. The signal is emitted, and the work ends, on the strand:
/// never both at a time.
template <class Handler, class Value>
void start_on(
    const asio::strand<asio::any_io_executor>& strand,
    Handler&& handler,
    asio::awaitable<Value>&& work
) {
    const auto signal = std::make_shared<asio::cancellation_signal>();
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.assign([strand, weak = std::weak_ptr(signal)](auto type) {
            asio::post(strand, [weak, type] {
                if (const auto alive = weak.lock())
                    alive->emit(type);
            });
        });
    auto home = asio::make_work_guard(asio::get_associated_executor(handler));
    auto done = [signal,
                 home = std::move(home),
                 handler = std::move(handler)](std::exception_ptr error, Value value) mutable {
        const auto executor = home.get_executor();
        asio::dispatch(
            executor,
            [handler = std::move(handler), error, value = std::move(value)]() mutable {
                std::move(handler)(error, std::move(value));
            }
        );
    };
    asio::co_spawn(
        strand, std::move(work), asio::bind_cancellation_slot(signal->slot(), std::move(done))
    );
}

}  // namespace detail

/// Runs several coroutines concurrently and returns what the first to end returns or throws.
///
/// The others are cancelled (terminal), and this waits until they have ended too. The result is at
/// the winner's place in the variant; `std::monostate` for a void one. By contrast, Asio's `||`
/// keeps waiting after an exception, a hangup included, until another coroutine succeeds.
///
///     const auto first = co_await agi::race(call.execute(agi::WaitForDigit()), lobby.free());
///     if (first.index() == 0) …
///
/// Lifetime: each runs as a coroutine of its own, on the present coroutine's executor.
/// Cancellation: all types, forwarded to all.
template <class... Ts>
[[nodiscard]] asio::awaitable<std::variant<detail::ValueOf<Ts>...>>
race(asio::awaitable<Ts>... works) {
    using Winner = std::variant<detail::ValueOf<Ts>...>;
    const auto executor = co_await asio::this_coro::executor;
    auto ends = co_await detail::side_by_side<detail::ValueOf<Ts>...>(
        executor, detail::StopsOthers::any_end, detail::boxed(std::move(works))...
    );
    if (const auto& error = ends.errors[ends.first])
        std::rethrow_exception(error);
    co_return detail::take_winner<Winner>(
        ends.values, ends.first, std::index_sequence_for<Ts...>()
    );
}

/// Runs several coroutines concurrently until all have ended, and returns their results.
///
/// A void result is `std::monostate`. The first exception cancels the others (terminal) and is
/// rethrown once they have ended. By contrast, Asio's `&&` throws `asio::multiple_exceptions` if
/// the others then fail too, which hides a hangup.
///
/// Lifetime: each runs as a coroutine of its own, on the present coroutine's executor.
/// Cancellation: all types, forwarded to all.
template <class... Ts>
[[nodiscard]] asio::awaitable<std::tuple<detail::ValueOf<Ts>...>> join(asio::awaitable<Ts>... works
) {
    const auto executor = co_await asio::this_coro::executor;
    auto ends = co_await detail::side_by_side<detail::ValueOf<Ts>...>(
        executor, detail::StopsOthers::failure, detail::boxed(std::move(works))...
    );
    if (const auto& error = ends.errors[ends.first])
        std::rethrow_exception(error);
    co_return std::apply(
        [](auto&... values) { return std::tuple<detail::ValueOf<Ts>...>(std::move(*values)...); },
        ends.values
    );
}

/// Runs work on another executor, such as a thread pool, and resumes on the present one.
///
/// For code that blocks: it blocks its own thread and no call. The work runs on a strand of
/// `executor`, so a pool of several threads never cancels it while it runs. (With
/// `co_spawn(pool, …, use_awaitable)`, Asio forwards cancellation through the pool's executor,
/// which is a data race on a pool of several threads unless the work runs on a strand.)
///
/// Lifetime: the work's coroutine lives on the pool; join the pool before what the work refers to
/// is destroyed.
/// Throws: what the work throws.
/// Cancellation: all types, forwarded to the work on its strand; blocking code is not interrupted.
template <class T>
[[nodiscard]] asio::awaitable<T> run_on(asio::any_io_executor executor, asio::awaitable<T> work) {
    auto initiation = [strand =
                           asio::make_strand(executor)](auto&& handler, auto&& started) noexcept {
        try {  // initiation must not throw
            detail::start_on(strand, std::move(handler), std::move(started));
        } catch (const std::bad_alloc&) {
            [[maybe_unused]] const auto gone = std::move(handler);
        }
    };
    asio::use_awaitable_t<> token;
    using Signature = void(std::exception_ptr, std::optional<detail::ValueOf<T>>);
    auto value = co_await asio::async_initiate<asio::use_awaitable_t<>, Signature>(
        std::move(initiation), token, detail::boxed(std::move(work))
    );
    if constexpr (!std::is_void_v<T>)
        co_return std::move(*value);
}
/// The same, on a context's executor: `run_on(pool, work)`.
template <class Context, class T>
requires std::is_convertible_v<Context&, asio::execution_context&>
[[nodiscard]] asio::awaitable<T> run_on(Context& context, asio::awaitable<T> work) {
    return run_on(asio::any_io_executor(context.get_executor()), std::move(work));
}

/// Runs work that must not be left half-done, shielded from cancellation: a database transaction,
/// for example.
template <class T>
[[nodiscard]] asio::awaitable<T> shielded(asio::awaitable<T> work) {
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

}  // namespace costrix::inline COSTRIX_ABI::agi
