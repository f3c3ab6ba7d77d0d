// SPDX-License-Identifier: MIT
// What an action is: arguments in, one command line out, a typed result back.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// The result of executing an A.
template <class A>
using ResultOf = decltype(A::parse(std::declval<const Reply&>()));

namespace detail {
template <class R>
concept ActionResult = std::is_void_v<R> ||(std::default_initializable<R>&& std::movable<R>);
}  // namespace detail

/// A value that AGI::execute can send; the library's own and a user's alike.
///
/// It has the command's name (`A::command`, upper case), appends its arguments (`encode`), and
/// makes a result of a reply `200 result=…` (`A::parse`, static: nothing of the action is referred
/// to once it is encoded). All other replies are exceptions before parse() is called. A result is
/// void, or default-constructible and movable.
///
/// An action is never an aggregate: GCC 12 destroys an aggregate temporary inside a co_await
/// expression twice. Give it a constructor.
template <class A>
concept Action =
    !std::is_aggregate_v<A> && requires(const A& action, CommandLine& line, const Reply& reply) {
    { A::command } -> std::convertible_to<std::string_view>;
    action.encode(line);
    A::parse(reply);
}
&&detail::ActionResult<ResultOf<A>>;

/// The line that `action` would send, without its LF: for logs and tests.
///
/// When it cannot be sent, the reason in words, after a '!'.
template <Action A>
std::string to_string(const A& action) {
    CommandLine line(CommandLine::kLargeBuffer);
    line.name(A::command);
    action.encode(line);
    line.finish();
    if (!line.ok())
        return "!" + line.fault();
    return std::string(line.text().substr(0, line.text().size() - 1));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
