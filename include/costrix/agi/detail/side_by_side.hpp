// SPDX-License-Identifier: MIT
// Coroutines that run at the same time and are cancelled together, as often as need be.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costrix::agi::detail {

/// What makes one of them cancel the others.
enum class StopsOthers : std::uint8_t { any_end, failure };

/// How all of them ended. A value is there where there is no error.
template <class... Ts>
struct AllEnds {
    std::size_t first = 0;  ///< The one that counts: it ended first, or failed first.
    std::array<std::exception_ptr, sizeof...(Ts)> errors;
    std::tuple<std::optional<Ts>...> values;
};

/// The coroutines, and who waits for them.
///
/// Asio's parallel_group passes on one cancellation only, whoever it comes from: work that cleans
/// up after it could not be cancelled again, by no deadline and no shutdown.
template <class Handler, class... Ts>
class Group : public std::enable_shared_from_this<Group<Handler, Ts...>> {
public:
    Group(StopsOthers stops_others, Handler&& handler)
        : stops_others_(stops_others), handler_(std::move(handler)) {}

    void start(
        const asio::any_io_executor& executor,
        std::tuple<asio::awaitable<std::optional<Ts>>...> works
    ) {
        slot_ = asio::get_associated_cancellation_slot(handler_);
        if (slot_.is_connected())
            slot_.assign([weak = this->weak_from_this()](asio::cancellation_type type) {
                if (const auto group = weak.lock())
                    group->cancel(type);
            });
        try {
            spawn_all(executor, works, std::index_sequence_for<Ts...>());
        } catch (...) {
            cancel_all(asio::cancellation_type::terminal);
            throw;
        }
        begun_ = true;
        if (missed_ != asio::cancellation_type::none)
            cancel(missed_);
    }

private:
    template <class Works, std::size_t... Is>
    void
    spawn_all(const asio::any_io_executor& executor, Works& works, std::index_sequence<Is...>) {
        (spawn<Is>(executor, std::move(std::get<Is>(works))), ...);
    }

    template <std::size_t I, class Work>
    void spawn(const asio::any_io_executor& executor, Work work) {
        using Value = std::tuple_element_t<I, decltype(ends_.values)>;
        auto done = [self = this->shared_from_this()](std::exception_ptr error, Value value) {
            std::get<I>(self->ends_.values) = std::move(value);
            self->ended(I, std::move(error));
        };
        asio::co_spawn(
            executor,
            std::move(work),
            asio::bind_cancellation_slot(signals_[I].slot(), std::move(done))
        );
    }

    void cancel(asio::cancellation_type type) {
        if (begun_)
            cancel_all(type);
        else  // it comes from one of them, while the others are being started
            missed_ |= type;
    }

    void cancel_all(asio::cancellation_type type) {
        for (auto& signal : signals_)
            signal.emit(type);
    }

    void ended(std::size_t which, std::exception_ptr error) {
        const bool failed = error != nullptr;
        ends_.errors[which] = std::move(error);
        if (!decided_ && (failed || stops_others_ == StopsOthers::any_end)) {
            decided_ = true;
            ends_.first = which;
            for (std::size_t other = 0; other < signals_.size(); ++other) {
                if (other != which)
                    signals_[other].emit(asio::cancellation_type::terminal);
            }
        }
        if (++ended_ < signals_.size())
            return;
        slot_.clear();
        auto handler = std::move(handler_);
        std::move(handler)(std::move(ends_));
    }

    StopsOthers stops_others_;
    Handler handler_;
    asio::cancellation_slot slot_;
    std::array<asio::cancellation_signal, sizeof...(Ts)> signals_;
    AllEnds<Ts...> ends_;
    asio::cancellation_type missed_ = asio::cancellation_type::none;
    std::size_t ended_ = 0;
    bool begun_ = false;
    bool decided_ = false;
};

/// What Asio runs when a coroutine awaits a group.
template <class... Ts>
class GroupInitiation {
public:
    GroupInitiation(
        asio::any_io_executor executor,
        StopsOthers stops_others,
        asio::awaitable<std::optional<Ts>>&&... works
    )
        : executor_(std::move(executor)), stops_others_(stops_others), works_(std::move(works)...) {
    }

    /// Initiation must not throw. If allocation fails, the suspended coroutine is destroyed.
    template <class Handler>
    void operator()(Handler&& handler) && noexcept {
        try {
            std::make_shared<Group<std::decay_t<Handler>, Ts...>>(
                stops_others_, std::forward<Handler>(handler)
            )
                ->start(executor_, std::move(works_));
        } catch (const std::bad_alloc&) {
            [[maybe_unused]] const auto gone = std::move(handler);
        }
    }

private:
    asio::any_io_executor executor_;
    StopsOthers stops_others_;
    std::tuple<asio::awaitable<std::optional<Ts>>...> works_;
};

/// Runs all of them to their ends, on `executor`, which is that of the coroutine that awaits this.
/// Cancellation: all types, each time, passed on to all.
template <class... Ts>
asio::awaitable<AllEnds<Ts...>> side_by_side(
    const asio::any_io_executor& executor,
    StopsOthers stops_others,
    asio::awaitable<std::optional<Ts>>... works
) {
    asio::use_awaitable_t<> token;
    return asio::async_initiate<asio::use_awaitable_t<>, void(AllEnds<Ts...>)>(
        GroupInitiation<Ts...>(executor, stops_others, std::move(works)...), token
    );
}

}  // namespace costrix::agi::detail
