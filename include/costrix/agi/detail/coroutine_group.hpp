// SPDX-License-Identifier: MIT
// Coroutines that run at the same time and are cancelled together, as often as need be.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

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

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Which end of one coroutine cancels the others.
enum class StopsOthers : std::uint8_t { any_end, failure };

/// How all of them ended. There is a value where there is no error.
template <class... Ts>
struct AllEnds {
    std::size_t first = 0;  ///< The one that counts: it ended first, or failed first.
    std::array<std::exception_ptr, sizeof...(Ts)> errors;
    std::tuple<std::optional<Ts>...> values;
};

/// The coroutines of a group, and the handler that waits for all of them.
///
/// Asio's parallel_group forwards one cancellation only, whoever it comes from: work that cleans up
/// after it could not be cancelled again, neither by a deadline nor by a shutdown.
template <class Handler, class... Ts>
class Group : public std::enable_shared_from_this<Group<Handler, Ts...>> {
public:
    Group(StopsOthers stops_others, Handler&& handler)
        : stops_others_(stops_others), handler_(std::move(handler)) {}

    template <std::size_t... Is>
    void start(
        std::index_sequence<Is...>,
        const asio::any_io_executor& executor,
        asio::awaitable<std::optional<Ts>>&&... works
    ) {
        slot_ = asio::get_associated_cancellation_slot(handler_);
        if (slot_.is_connected())
            slot_.assign([weak = this->weak_from_this()](asio::cancellation_type type) {
                if (const auto group = weak.lock())
                    group->cancel(type);
            });
        try {
            (spawn<Is>(executor, std::move(works)), ...);
        } catch (...) {
            cancel_all(asio::cancellation_type::terminal);
            throw;
        }
        begun_ = true;
        if (missed_ != asio::cancellation_type::none)
            cancel_all(missed_);
    }

private:
    template <std::size_t I, class Value>
    void spawn(const asio::any_io_executor& executor, asio::awaitable<Value>&& work) {
        auto done = [self = this->shared_from_this()](std::exception_ptr error, Value value) {
            std::get<I>(self->ends_.values) = std::move(value);
            self->on_end(I, std::move(error));
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

    void on_end(std::size_t which, std::exception_ptr error) {
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

/// Runs all of them to their ends on `executor`, which is that of the coroutine that awaits this.
///
/// Initiation must not throw: if allocation fails, the suspended coroutine is destroyed.
/// Cancellation: all types, each time, forwarded to all.
template <class... Ts>
asio::awaitable<AllEnds<Ts...>> side_by_side(
    const asio::any_io_executor& executor,
    StopsOthers stops_others,
    asio::awaitable<std::optional<Ts>>... works
) {
    auto initiation = [executor, stops_others](auto&& handler, auto&&... started) noexcept {
        using Handler = std::decay_t<decltype(handler)>;
        try {
            const auto group = std::make_shared<Group<Handler, Ts...>>(
                stops_others, std::forward<decltype(handler)>(handler)
            );
            group->start(std::index_sequence_for<Ts...>(), executor, std::move(started)...);
        } catch (const std::bad_alloc&) {
            [[maybe_unused]] const Handler gone = std::move(handler);
        }
    };
    asio::use_awaitable_t<> token;
    return asio::async_initiate<asio::use_awaitable_t<>, void(AllEnds<Ts...>)>(
        std::move(initiation), token, std::move(works)...
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
