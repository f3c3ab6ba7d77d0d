// SPDX-License-Identifier: MIT
// Faults of Asio's co_spawn before 1.28.2 (Debian 12; Boost 1.81 to 1.83), mended; included by
// <costrix/asio.hpp> only, after Asio.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#if COSTRIX_ASIO_VERSION < 102802

#include <memory>
#include <type_traits>
#include <utility>

#ifdef COSTRIX_BOOST_ASIO
namespace boost::asio::detail {
#else
namespace asio::detail {
#endif

/// As in Asio 1.28.2: a coroutine that awaits `co_spawn(pool, …, use_awaitable)` passes its
/// cancellation on by way of the pool's executor, and what is cancelled there may have ended. Until
/// 1.22.1 Asio reaches into the pool's coroutine from the wrong thread, then until 1.28.1 it
/// emits a signal that may no longer exist; both corrupt memory. (Asio's commits f0a1e1c7c and
/// 22269a243.)
///
/// "specialization after instantiation" here means that a header which spawns coroutines was
/// included before Costrix: include Costrix first.
template <>
class initiate_co_spawn<any_io_executor> {
public:
    using executor_type = any_io_executor;

    template <class OtherExecutor>
    explicit initiate_co_spawn(const OtherExecutor& executor) : executor_(executor) {}

    executor_type get_executor() const noexcept { return executor_; }

    template <class Handler, class F>
    void operator()(Handler&& handler, F&& f) const {
        using Awaitable = std::invoke_result_t<F>;
        const cancellation_slot outer = child_slot(handler);
        const cancellation_state inner(outer);
        auto entry = (co_spawn_entry_point
        )(static_cast<Awaitable*>(nullptr),
          executor_,
          std::forward<F>(f),
          std::forward<Handler>(handler));
        awaitable_handler<executor_type, void>(std::move(entry), executor_, outer, inner).launch();
    }

private:
    /// A handler that lives elsewhere cancels the coroutine by way of the coroutine's executor.
    template <class Handler>
    cancellation_slot child_slot(const Handler& handler) const {
        auto slot = get_associated_cancellation_slot(handler);
        if constexpr (!std::is_same_v<decltype(slot), cancellation_slot>) {
            return cancellation_state(slot, enable_total_cancellation()).slot();
        } else if (slot.is_connected() && !lives_here(handler)) {
            auto signal = std::make_shared<cancellation_signal>();
            auto child = signal->slot();
            slot.assign([signal, executor = executor_](cancellation_type type) {
                asio::dispatch(executor, [signal, type] { signal->emit(type); });
            });
            return child;
        } else {
            return slot;
        }
    }

    template <class Handler>
    bool lives_here(const Handler& handler) const {
        const auto home = get_associated_executor(handler, executor_);
        if constexpr (std::is_same_v<std::decay_t<decltype(home)>, executor_type>)
            return home == executor_;
        else
            return false;
    }

    executor_type executor_;
};

}  // namespace asio::detail (or boost::asio::detail)

#endif
