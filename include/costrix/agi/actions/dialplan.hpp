// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan: Exec, Gosub.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

namespace detail {

/// What an application or a subroutine is given: arguments with commas between them.
class ArgumentList {
public:
    /// How whoever takes it apart reads an argument.
    enum class Reading : std::uint8_t {
        standard,    ///< `\` makes the next character literal (AST_STANDARD_APP_ARGS).
        text,        ///< As written, with everything behind it.
        protected_,  ///< As written; a comma is part of it in quotes or brackets (Gosub).
        plain,       ///< As written; a comma always ends it.
    };

    void add(std::string_view argument, Reading reading);
    void encode(CommandLine& line) const;

private:
    std::optional<std::string> text_;
    std::string fault_;
};

/// How `application` reads argument number `index`, from 0.
ArgumentList::Reading reading_of(std::string_view application, std::size_t index) noexcept;

}  // namespace detail

/// Runs a dialplan application (EXEC).
///
/// Each argument reaches the application as it is: commas, quotes, backslashes and unbalanced
/// brackets in it are escaped, so no argument can add another one. Applications that take all
/// that follows as one text (Set, NoOp, Log, Verbose, SendText, System, TrySystem, PlayTones) get
/// it unescaped. Goto, GotoIf, GotoIfTime, Gosub, GosubIf, SayNumber and SayOrdinal have no way to
/// escape a comma: an argument that holds one is refused. In any other application the *last*
/// argument that it knows, such as the URL of Dial, arrives with its escapes. raw() sends a text as
/// written.
///
/// Asterisk expands `${}` in the arguments when the channel variable AGIEXECFULL is "yes": then
/// pass nothing that a caller can choose.
///
/// What it returns has no common meaning: 0 mostly; the code of a key from applications that read
/// one; -1 when the application failed, or from a Dial whose callee hung up. When the caller hung
/// up, -1 is an AGIResultHangup instead: the session asks. Many applications return 0 even on a
/// dead channel. Applications tell how they ended in variables (DIALSTATUS, PLAYBACKSTATUS).
/// Throws: AGIUsageError for a comma where it cannot be escaped; AGIAppError when there is no such
/// application.
class Exec {
public:
    static constexpr std::string_view command = "EXEC";

    struct Result {
        std::int64_t value = 0;  ///< What the application returned.

        /// The same as the key that ended the application, when it is one.
        std::optional<char> key() const noexcept;
    };

    /// The application, and its arguments.
    template <class... Arguments>
    explicit Exec(std::string application, const Arguments&... arguments)
        : application_(std::move(application)) {
        std::size_t index = 0;
        (add(std::string_view(arguments), index++), ...);
    }
    /// All arguments in one text, as the dialplan has them between the parentheses.
    static Exec raw(std::string application, std::string_view arguments);
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    void add(std::string_view argument, std::size_t index);

    std::string application_;
    detail::ArgumentList arguments_;
};

/// Runs a subroutine of the dialplan and comes back with its Return() (GOSUB).
///
/// What it returned is in the variable GOSUB_RETVAL: execute GetVariable(Gosub::kReturnValue).
/// Throws: AGIUsageError for what cannot be passed on exactly: `,` or `(` in context, extension or
/// priority; in an argument a comma outside of quotes and brackets, and quotes or brackets that are
/// not closed. Pass such a text in a variable (SetVariable). AGIAppError when there is no such
/// label.
class Gosub {
public:
    static constexpr std::string_view command = "GOSUB";
    /// The variable with what the subroutine returned.
    static constexpr const char* kReturnValue = "GOSUB_RETVAL";

    struct Result {
        /// The subroutine left without Return(); the call may be gone.
        bool abnormal_exit = false;
    };

    /// The priority is a number or a label. The arguments are ARG1, ARG2 and so on.
    template <class... Arguments>
    Gosub(
        std::string context,
        std::string extension,
        std::string priority,
        const Arguments&... arguments
    )
        : context_(std::move(context)), extension_(std::move(extension)),
          priority_(std::move(priority)) {
        using Reading = detail::ArgumentList::Reading;
        (arguments_.add(std::string_view(arguments), Reading::protected_), ...);
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string context_;
    std::string extension_;
    std::string priority_;
    detail::ArgumentList arguments_;
};

}  // namespace costrix::agi
