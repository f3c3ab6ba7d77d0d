// SPDX-License-Identifier: MIT
// Actions that reach into the dialplan: Exec.
#pragma once

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

/// Runs a dialplan application (EXEC).
///
/// What it returns has no common meaning: 0 mostly; -1 when the caller hung up, but also from a
/// Dial whose callee did; the code of a key from applications that read one. Applications tell how
/// they ended in variables (DIALSTATUS, PLAYBACKSTATUS). Asterisk expands `${}` in the arguments
/// only when the channel variable AGIEXECFULL is "yes".
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
        (join(std::string_view(arguments)), ...);
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    void join(std::string_view argument);

    std::string application_;
    std::optional<std::string> arguments_;
};

}  // namespace costrix::agi
