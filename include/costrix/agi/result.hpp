// SPDX-License-Identifier: MIT
// What a command gave, or why not, as a value; and the error codes of the exceptions.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace costrix::inline COSTRIX_ABI::agi {

/// Why a command has no result: one code per exception of the specification.
enum class Errc {
    failed = 1,       ///< AGIAppError: an application, or what the command set out to do, failed.
    database,         ///< AGIDBError
    dead_channel,     ///< AGIDeadChannelError
    invalid_command,  ///< AGIInvalidCommandError
    usage,            ///< AGIUsageError
    no_result,        ///< AGINoResultError
    unknown_reply,    ///< AGIUnknownError
    timed_out,        ///< AGITimeout
    hung_up,          ///< AGIResultHangup
    sighup,           ///< AGISIGHUPHangup
    disconnected,     ///< AGISIGPIPEHangup
};

/// The category of these codes; its name is "costrix.agi".
const error_category& agi_category() noexcept;

inline error_code make_error_code(Errc code) noexcept {
    return {static_cast<int>(code), agi_category()};
}

/// The code of an exception of this library.
Errc code_of(const AGIException& error) noexcept;

/// True for hung_up, sighup and disconnected: the call is over.
bool is_hangup(const error_code& code) noexcept;

/// Why there is no result: the exception that AGI::execute() would have thrown, as a value.
class Failure {
public:
    /// `error` is what `exception` holds.
    Failure(std::exception_ptr exception, const AGIException& error) noexcept
        : exception_(std::move(exception)), error_(&error) {}

    Errc code() const noexcept { return code_of(*error_); }  ///< What kind of failure it is.
    /// True if the call is over.
    bool hung_up() const noexcept { return is_hangup(make_error_code(code())); }
    /// The exception: its message, the command as it was sent, Asterisk's reply.
    const AGIException& exception() const noexcept { return *error_; }
    const char* what() const noexcept { return error_->what(); }  ///< The failure in words.
    /// Throws the exception, with its own type.
    [[noreturn]] void raise() const { std::rethrow_exception(exception_); }

private:
    std::exception_ptr exception_;  // owns *error_
    const AGIException* error_;
};

/// The typed result of a command, or why there is none. Like C++23's std::expected.
template <class T>
class Result {
    using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    Result() = default;
    Result(Value value) : content_(std::in_place_index<0>, std::move(value)) {}  ///< A result.
    /// The reason why there is none.
    Result(Failure failure) : content_(std::in_place_index<1>, std::move(failure)) {}

    /// True if there is a result.
    explicit operator bool() const noexcept { return content_.index() == 0; }

    /// The result; undefined if there is none.
    const Value& operator*() const noexcept { return *std::get_if<0>(&content_); }
    /// The same, to change or move from.
    Value& operator*() noexcept { return *std::get_if<0>(&content_); }
    /// A member of the result; there must be one.
    const Value* operator->() const noexcept { return std::get_if<0>(&content_); }
    /// The same, to change or move from.
    Value* operator->() noexcept { return std::get_if<0>(&content_); }
    /// The result; throws the exception that AGI::execute() would have thrown if there is none.
    const Value& value() const {
        if (!*this)
            error().raise();
        return **this;
    }
    /// The result, or `other` if there is none.
    Value value_or(Value other) const { return *this ? **this : std::move(other); }

    /// Why there is no result; undefined if there is one.
    const Failure& error() const noexcept { return *std::get_if<1>(&content_); }
    /// True if there is no result because the call is over.
    bool hung_up() const noexcept { return !*this && error().hung_up(); }

private:
    std::variant<Value, Failure> content_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi

#ifdef COSTRIX_BOOST_ASIO
namespace boost::system {
template <>
struct is_error_code_enum<costrix::agi::Errc> : std::true_type {};
}  // namespace boost::system
#else
template <>
struct std::is_error_code_enum<costrix::agi::Errc> : std::true_type {};
#endif
