// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan: Exec, Gosub.
#pragma once

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

namespace detail {
/// Appends one more argument, with a comma before it unless it is the first.
void join(std::optional<std::string>& arguments, std::string_view argument);
}  // namespace detail

/// Runs a dialplan application (EXEC).
///
/// What it returns has no common meaning: 0 mostly; the code of a key from applications that read
/// one; -1 when the application failed, or from a Dial whose callee hung up. When the caller hung
/// up, -1 is an AGIResultHangup instead: the session asks. Many applications return 0 even on a
/// dead channel. Applications tell how they ended in variables (DIALSTATUS, PLAYBACKSTATUS).
/// Asterisk expands `${}` in the arguments only when the channel variable AGIEXECFULL is "yes".
/// Throws: AGIAppError when there is no such application.
class Exec {
public:
    static constexpr std::string_view command = "EXEC";

    struct Result {
        std::int64_t value = 0;  ///< What the application returned.

        /// The same as the key that ended the application, when it is one.
        std::optional<char> key() const noexcept;
    };

    /// The application, and its arguments, which are joined by commas.
    template <class... Arguments>
    explicit Exec(std::string application, const Arguments&... arguments)
        : application_(std::move(application)) {
        (detail::join(arguments_, std::string_view(arguments)), ...);
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string application_;
    std::optional<std::string> arguments_;
};

/// Runs a subroutine of the dialplan and comes back with its Return() (GOSUB).
///
/// What it returned is in the variable GOSUB_RETVAL: execute GetVariable(Gosub::kReturnValue).
/// Throws: AGIAppError when there is no such label.
class Gosub {
public:
    static constexpr std::string_view command = "GOSUB";
    /// The variable with what the subroutine returned.
    static constexpr const char* kReturnValue = "GOSUB_RETVAL";

    struct Result {
        /// The subroutine left without Return(); the call may be gone.
        bool abnormal_exit = false;
    };

    /// The priority is a number or a label. The arguments are ARG1, ARG2 and so on; they are
    /// joined by commas.
    template <class... Arguments>
    Gosub(
        std::string context,
        std::string extension,
        std::string priority,
        const Arguments&... arguments
    )
        : context_(std::move(context)), extension_(std::move(extension)),
          priority_(std::move(priority)) {
        (detail::join(arguments_, std::string_view(arguments)), ...);
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string context_;
    std::string extension_;
    std::string priority_;
    std::optional<std::string> arguments_;
};

}  // namespace costrix::agi
