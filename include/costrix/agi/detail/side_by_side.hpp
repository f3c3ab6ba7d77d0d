// SPDX-License-Identifier: MIT
// Two coroutines at the same time, which are cancelled together as often as need be.
#pragma once

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
#include <type_traits>
#include <utility>

namespace costrix::agi::detail {

/// What cancels the other one.
enum class StopsOther : std::uint8_t { any_end, failure };

/// How both ended. A value is there where there is no error.
template <class A, class B>
struct BothEnds {
    std::size_t first = 0;  ///< Which of them ended first, 0 or 1.
    std::array<std::exception_ptr, 2> errors;
    std::optional<A> a;
    std::optional<B> b;
};

/// Both coroutines, and who waits for them.
///
/// Asio's parallel_group passes on one cancellation, whoever it comes from: work that cleaned up
/// after it could not be cancelled again, by no deadline and no shutdown.
template <class A, class B, class Handler>
class Pair : public std::enable_shared_from_this<Pair<A, B, Handler>> {
public:
    Pair(StopsOther stops_other, Handler&& handler)
        : stops_other_(stops_other), handler_(std::move(handler)) {}

    void start(
        const asio::any_io_executor& executor,
        asio::awaitable<std::optional<A>> a,
        asio::awaitable<std::optional<B>> b
    ) {
        slot_ = asio::get_associated_cancellation_slot(handler_);
        if (slot_.is_connected())
            slot_.assign([weak = this->weak_from_this()](asio::cancellation_type type) {
                if (const auto both = weak.lock())
                    both->cancel(type);
            });
        spawn(executor, 0, std::move(a), ends_.a);
        try {
            spawn(executor, 1, std::move(b), ends_.b);
        } catch (...) {
            signals_[0].emit(asio::cancellation_type::terminal);
            throw;
        }
        begun_ = true;
        if (missed_ != asio::cancellation_type::none)
            cancel(missed_);
    }

private:
    template <class T>
    void spawn(
        const asio::any_io_executor& executor,
        std::size_t which,
        asio::awaitable<std::optional<T>> work,
        std::optional<T>& value
    ) {
        auto done = [self = this->shared_from_this(),
                     which,
                     &value](std::exception_ptr error, std::optional<T> came) {
            value = std::move(came);
            self->ended(which, std::move(error));
        };
        asio::co_spawn(
            executor,
            std::move(work),
            asio::bind_cancellation_slot(signals_[which].slot(), std::move(done))
        );
    }

    void cancel(asio::cancellation_type type) {
        if (!begun_) {  // by the first one, which runs from its start on
            missed_ |= type;
            return;
        }
        for (auto& signal : signals_)
            signal.emit(type);
    }

    void ended(std::size_t which, std::exception_ptr error) {
        const bool failed = error != nullptr;
        ends_.errors[which] = std::move(error);
        if (++ended_ == 1) {
            ends_.first = which;
            if (failed || stops_other_ == StopsOther::any_end)
                signals_[1 - which].emit(asio::cancellation_type::terminal);
            return;
        }
        slot_.clear();
        auto handler = std::move(handler_);
        std::move(handler)(std::move(ends_));
    }

    StopsOther stops_other_;
    Handler handler_;
    asio::cancellation_slot slot_;
    std::array<asio::cancellation_signal, 2> signals_;
    BothEnds<A, B> ends_;
    asio::cancellation_type missed_ = asio::cancellation_type::none;
    bool begun_ = false;
    int ended_ = 0;
};

/// What Asio runs when a coroutine awaits a pair.
template <class A, class B>
class PairInitiation {
public:
    PairInitiation(
        asio::any_io_executor executor,
        StopsOther stops_other,
        asio::awaitable<std::optional<A>>&& a,
        asio::awaitable<std::optional<B>>&& b
    )
        : executor_(std::move(executor)), stops_other_(stops_other), a_(std::move(a)),
          b_(std::move(b)) {}

    /// Asio lets nothing be thrown from here: when there is no memory, the coroutine is destroyed
    /// where it waits.
    template <class Handler>
    void operator()(Handler&& handler) && noexcept {
        using Both = Pair<A, B, std::decay_t<Handler>>;
        try {
            std::make_shared<Both>(stops_other_, std::forward<Handler>(handler))
                ->start(executor_, std::move(a_), std::move(b_));
        } catch (const std::bad_alloc&) {
            [[maybe_unused]] const auto gone = std::move(handler);
        }
    }

private:
    asio::any_io_executor executor_;
    StopsOther stops_other_;
    asio::awaitable<std::optional<A>> a_;
    asio::awaitable<std::optional<B>> b_;
};

/// Runs both to their end, on `executor`, which is that of the coroutine that awaits this.
/// Cancellation: all types, each time, passed on to both.
template <class A, class B>
asio::awaitable<BothEnds<A, B>> side_by_side(
    const asio::any_io_executor& executor,
    StopsOther stops_other,
    asio::awaitable<std::optional<A>> a,
    asio::awaitable<std::optional<B>> b
) {
    asio::use_awaitable_t<> token;
    return asio::async_initiate<asio::use_awaitable_t<>, void(BothEnds<A, B>)>(
        PairInitiation<A, B>(executor, stops_other, std::move(a), std::move(b)), token
    );
}

}  // namespace costrix::agi::detail
