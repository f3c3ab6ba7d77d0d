// SPDX-License-Identifier: MIT
// Actions that run parts of the dialplan: Exec, Gosub.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

#include <concepts>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {

/// An integer, and not a character or a bool, which look like one.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                  !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// What Exec and Gosub take as an argument: a text or an integer.
template <class T>
concept DialplanArgument = Integer<T> || std::convertible_to<const T&, std::string_view>;

/// The arguments of an application or a subroutine, separated by commas.
class ArgumentList {
public:
    /// How the receiver parses an argument.
    enum class Reading : std::uint8_t {
        standard,    ///< `\` makes the next character literal (AST_STANDARD_APP_ARGS).
        text,        ///< Literal, together with everything after it.
        protected_,  ///< Literal; ends at a comma outside of quotes and brackets (Gosub).
        plain,       ///< Literal; ends at any comma.
    };

    void add(std::string_view argument, Reading reading);
    template <Integer T>
    void add(T number, Reading reading) {
        add(std::to_string(number), reading);
    }
    void encode(CommandLine& line) const;

private:
    std::optional<std::string> text_;
    std::string fault_;
};

/// How `application` parses argument number `index`, from 0.
ArgumentList::Reading reading_of(std::string_view application, std::size_t index) noexcept;

}  // namespace detail

/// Runs a dialplan application (EXEC).
///
/// The application receives each argument exactly: commas, quotes, backslashes and unbalanced
/// brackets are escaped, so no argument can add another one. There are three exceptions:
/// - Set, NoOp, Log, Verbose, SendText, System, TrySystem and PlayTones read the rest of the line
/// as
///   one text, so it is not escaped.
/// - Goto, GotoIf, GotoIfTime, Gosub, GosubIf, SayNumber and SayOrdinal cannot escape a comma, so
/// an
///   argument that contains one is refused.
/// - In any other application, the *last* argument that it knows, such as the URL of Dial, arrives
///   with its escapes.
///
/// raw() sends a text as written.
///
/// When the channel variable AGIEXECFULL is "yes", Asterisk expands `${}` in the arguments: do not
/// pass a caller's input then.
///
/// The returned number has no common meaning. It is usually 0; the code of a key from applications
/// that read one; -1 when the application failed, or from a Dial whose callee hung up. If the
/// caller hung up, the session finds out and throws AGIResultHangup instead of returning -1. Many
/// applications return 0 even on a dead channel. Applications report how they ended in variables
/// (DIALSTATUS, PLAYBACKSTATUS).
/// Throws: AGIUsageError for a comma that cannot be escaped. AGIAppError when there is no such
/// application.
class Exec {
public:
    static constexpr std::string_view command = "EXEC";

    /// What the application returned.
    struct Result {
        std::int64_t value = 0;  ///< The number that the application returned.

        /// The key with this code; `nullopt` when there is none.
        std::optional<char> key() const noexcept;
    };

    /// The application and its arguments: texts (what converts to std::string_view) and integers.
    template <detail::DialplanArgument... Arguments>
    explicit Exec(std::string application, const Arguments&... arguments)
        : application_(std::move(application)) {
        std::size_t index = 0;
        (arguments_.add(arguments, detail::reading_of(application_, index++)), ...);
    }
    /// All arguments in one text, as between the parentheses in a dialplan.
    static Exec raw(std::string application, std::string_view arguments);
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string application_;
    detail::ArgumentList arguments_;
};

/// Runs a subroutine of the dialplan until its Return() (GOSUB).
///
/// The variable GOSUB_RETVAL has the returned value: execute GetVariable(Gosub::kReturnValue).
/// Throws: AGIUsageError for a text that cannot be passed exactly: `,` or `(` in context, extension
/// or priority; in an argument, a comma outside of quotes and brackets, or unclosed quotes or
/// brackets. Pass such a text in a variable (SetVariable). AGIAppError when there is no such label.
class Gosub {
public:
    static constexpr std::string_view command = "GOSUB";
    /// The name of the variable with the returned value.
    static constexpr const char* kReturnValue = "GOSUB_RETVAL";

    /// What the subroutine returned.
    struct Result {
        /// True when the subroutine ended without Return(), perhaps by a hangup.
        bool abnormal_exit = false;
    };

    /// The priority is a number or a label. The arguments, texts and integers, become ARG1, ARG2
    /// and so on.
    template <detail::DialplanArgument... Arguments>
    Gosub(
        std::string context,
        std::string extension,
        std::string priority,
        const Arguments&... arguments
    )
        : context_(std::move(context)), extension_(std::move(extension)),
          priority_(std::move(priority)) {
        using Reading = detail::ArgumentList::Reading;
        (arguments_.add(arguments, Reading::protected_), ...);
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string context_;
    std::string extension_;
    std::string priority_;
    detail::ArgumentList arguments_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
