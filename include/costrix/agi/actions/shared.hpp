// SPDX-License-Identifier: MIT
// What several actions share: setters, ways to encode an argument, ways to read a result.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/samples.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The part of an action `A` that sets the keys that stop it.
template <class A>
class WithEscapeDigits {
public:
    /// The keys that stop it, of 0-9, *, #, A-D; none by default.
    A& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return static_cast<A&>(*this);
    }

protected:
    std::string escape_digits_;
};

/// Appends `timeout` in milliseconds, at least `min`; without a timeout, appends `none`.
void encode_timeout(
    CommandLine& line,
    std::optional<std::chrono::milliseconds> timeout,
    std::int64_t min = 1,
    std::int64_t none = -1
);

/// Appends a number from `min` to `max`; `what` names it in faults.
void encode_in_range(CommandLine& line, int value, std::string_view what, int min, int max);

/// Appends `letter`, one of `allowed`, or nothing for NUL; `what` names it in faults.
void encode_letter(CommandLine& line, char letter, std::string_view what, std::string_view allowed);

/// Throws AGIAppError(what) when the result is -1.
void fail_on_minus_one(const Reply& reply, const char* what);

/// Throws AGIAppError(what) unless the result is 1.
void fail_unless_one(const Reply& reply, const char* what);

/// Throws AGIDBError(what) unless the result is 1.
void fail_database_unless_one(const Reply& reply, const char* what);

/// The key that the result is the code of, `nullopt` for 0. Throws AGIAppError(what) for -1, and
/// AGIUnknownError for anything else.
std::optional<char> key_or_failure(const Reply& reply, const char* what);

/// The `endpos=` of the reply; 0 without one.
inline Samples endpos(const Reply& reply) noexcept {
    return Samples(reply.endpos().value_or(0));
}

/// The value in parentheses when the result is 1; otherwise `nullopt`.
std::optional<std::string> value_if_one(const Reply& reply);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
