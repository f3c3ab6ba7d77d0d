// SPDX-License-Identifier: MIT
// ScriptHandler: the coroutine function that runs for a call, whatever it is.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/asio.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

class AGI;
class ScriptHandler;

/// What a ScriptHandler can hold.
template <class F>
concept HandlerFunction =
    !std::same_as<std::decay_t<F>, ScriptHandler> &&
    std::is_invocable_r_v<asio::awaitable<void>, std::decay_t<F>&, AGI&, const Request&>;

/// A call flow: any callable that returns a coroutine, `asio::awaitable<void>(AGI&, const
/// Request&)`.
///
/// It may be move-only, such as a lambda that owns a connection pool, and a member function with
/// its object: `std::bind_front(&Ivr::menu, ivr)`, where `ivr` is a pointer of any kind. Copies of
/// a ScriptHandler share the callable, and calls on several threads call it at the same time.
/// Lifetime: the callable lives as long as one of its coroutines runs, even if it is unregistered
/// meanwhile.
class ScriptHandler {
    using Coroutine = asio::awaitable<void>;

public:
    /// No handler.
    ScriptHandler() noexcept = default;
    ScriptHandler(std::nullptr_t) noexcept {}  ///< No handler.
    /// A null pointer or an empty std::function is no handler.
    template <HandlerFunction F>
    ScriptHandler(F&& function) {
        std::decay_t<F> stored(std::forward<F>(function));
        if (!is_null(stored))
            callable_ = std::make_shared<Holder<std::decay_t<F>>>(std::move(stored));
    }

    /// True if there is a handler.
    explicit operator bool() const noexcept { return callable_ != nullptr; }
    /// Throws std::bad_function_call if there is no handler.
    Coroutine operator()(AGI& call, const Request& request) const {
        if (!callable_)
            throw std::bad_function_call();
        return callable_->call(call, request);
    }

    /// The callable, if it is an F; null otherwise.
    template <HandlerFunction F>
    const F* target() const noexcept {
        const auto* const holder = dynamic_cast<const Holder<F>*>(callable_.get());
        return holder ? &holder->function : nullptr;
    }

private:
    struct Callable {
        virtual ~Callable() = default;
        virtual Coroutine call(AGI& call, const Request& request) = 0;
    };

    template <class F>
    struct Holder final : Callable {
        explicit Holder(F&& callable) : function(std::move(callable)) {}
        Coroutine call(AGI& call, const Request& request) override {
            return function(call, request);
        }
        F function;
    };

    template <class F>
    static bool is_null(const F& function) {
        // A lambda without captures is comparable too, and never null.
        if constexpr (!std::is_empty_v<F> && requires { static_cast<bool>(function == nullptr); })
            return function == nullptr;
        else
            return false;
    }

    std::shared_ptr<Callable> callable_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
