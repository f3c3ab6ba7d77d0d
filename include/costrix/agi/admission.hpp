// SPDX-License-Identifier: MIT
// Admission: whether a call is served, decided at once or after a look-up.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/asio.hpp>

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// A call that asks to be served; valid until the admission has decided.
struct AdmissionRequest {
    const Environment& environment;  ///< What Asterisk sent about the call.
    const Request& request;          ///< Its `peer` is Asterisk's host.
};
static_assert(std::is_trivially_destructible_v<AdmissionRequest>);

/// Decides whether a call is served: `bool(const AdmissionRequest&)`, which must not block, or
/// `asio::awaitable<bool>(const AdmissionRequest&)`, such as a look-up in a database.
///
/// It runs on the call's executor, possibly on several threads at once. A coroutine is cancelled
/// (terminal) when the connection ends, and when a handler would be.
class Admission {
public:
    /// What the function receives; valid until it has returned or completed.
    using Request = const AdmissionRequest&;

    /// Admits every call.
    Admission() = default;
    Admission(std::nullptr_t) noexcept {}  ///< None: every call is admitted.
    /// A function that decides at once.
    template <class F>
    requires std::is_invocable_r_v<bool, F&, Request> Admission(F function)
        : decide_(std::move(function)) {}
    /// A coroutine that may look something up first.
    template <class F>
    requires std::is_invocable_r_v<asio::awaitable<bool>, F&, Request> Admission(F function)
        : look_up_(std::move(function)) {}

    /// True if it needs to be awaited.
    bool is_coroutine() const noexcept { return look_up_ != nullptr; }
    /// The decision, if it needs no waiting.
    bool decide(Request request) const { return !decide_ || decide_(request); }
    /// The coroutine, if there is one.
    asio::awaitable<bool> look_up(Request request) const { return look_up_(request); }

private:
    std::function<bool(Request)> decide_;
    std::function<asio::awaitable<bool>(Request)> look_up_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
