// SPDX-License-Identifier: MIT
// The 47 AGI commands: how each reply is framed, and what a hangup does to each command.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/reply_reader.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// What a session must know about a command. The defaults fit the commands of third-party modules:
/// one reply line, live channels only.
struct CommandTraits {
    /// How the reply is framed.
    ReplyForm form = ReplyForm::line;
    /// Any byte sent while the command runs stops it.
    bool interruptible = false;
    /// Asterisk also runs it on a dead channel (res_agi.c: the `dead` flag of its commands).
    bool dead = false;
    /// `result=-1` means a hangup or a failure; only the channel's state tells which.
    bool ambiguous = false;
    /// When stopped, it answers `result=1`, which is not a key. Other stopped prompts do not
    /// answer.
    bool confirms_stop = false;
    /// Which one of kCommandTable it is, from 1 on; 0: none of them.
    std::uint8_t number = 0;
};

/// A command and its traits.
struct CommandEntry {
    std::string_view name;  ///< The command's name, in upper case.
    CommandTraits traits;   ///< What is special about its replies.
};

namespace detail {
inline constexpr CommandTraits kLive{};
inline constexpr CommandTraits kDead{.dead = true};
inline constexpr CommandTraits kDeadValue{.form = ReplyForm::value, .dead = true};
inline constexpr CommandTraits kMedia{.ambiguous = true};
inline constexpr CommandTraits kPrompt{.interruptible = true, .ambiguous = true};
}  // namespace detail

/// The commands of Asterisk 22, sorted by name: 46 of res_agi.c, and GOSUB of app_stack.c.
inline constexpr std::array<CommandEntry, 47> kCommandTable{{
    {"ANSWER", detail::kMedia},
    {"ASYNCAGI BREAK", detail::kDead},
    {"CHANNEL STATUS", detail::kLive},
    {"CONTROL STREAM FILE", detail::kMedia},
    {"DATABASE DEL", detail::kDead},
    {"DATABASE DELTREE", detail::kDead},
    {"DATABASE GET", detail::kDeadValue},
    {"DATABASE PUT", detail::kDead},
    {"EXEC", {.dead = true, .ambiguous = true}},
    {"GET DATA", detail::kPrompt},
    {"GET FULL VARIABLE", detail::kDeadValue},
    {"GET OPTION", detail::kPrompt},
    {"GET VARIABLE", detail::kDeadValue},
    {"GOSUB", detail::kLive},
    {"HANGUP", detail::kLive},
    {"NOOP", detail::kDead},
    {"RECEIVE CHAR", detail::kMedia},
    {"RECEIVE TEXT", {.form = ReplyForm::value, .ambiguous = true}},
    {"RECORD FILE", detail::kMedia},
    {"SAY ALPHA", detail::kMedia},
    {"SAY DATE", detail::kMedia},
    {"SAY DATETIME", detail::kMedia},
    {"SAY DIGITS", detail::kMedia},
    {"SAY NUMBER", detail::kMedia},
    {"SAY PHONETIC", detail::kMedia},
    {"SAY TIME", detail::kMedia},
    {"SEND IMAGE", detail::kMedia},
    {"SEND TEXT", detail::kMedia},
    {"SET AUTOHANGUP", detail::kLive},
    {"SET CALLERID", detail::kLive},
    {"SET CONTEXT", detail::kLive},
    {"SET EXTENSION", detail::kLive},
    {"SET MUSIC", detail::kLive},
    {"SET PRIORITY", detail::kLive},
    {"SET VARIABLE", detail::kDead},
    {"SPEECH ACTIVATE GRAMMAR", detail::kLive},
    {"SPEECH CREATE", detail::kLive},
    {"SPEECH DEACTIVATE GRAMMAR", detail::kLive},
    {"SPEECH DESTROY", detail::kDead},
    {"SPEECH LOAD GRAMMAR", detail::kLive},
    {"SPEECH RECOGNIZE", detail::kLive},
    {"SPEECH SET", detail::kLive},
    {"SPEECH UNLOAD GRAMMAR", detail::kDead},
    {"STREAM FILE", detail::kPrompt},
    {"TDD MODE", detail::kLive},
    {"VERBOSE", detail::kDead},
    {"WAIT FOR DIGIT", {.interruptible = true, .ambiguous = true, .confirms_stop = true}},
}};

/// The traits of the command with exactly this upper-case name; the defaults when it is unknown.
constexpr CommandTraits command_traits(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kCommandTable.size(); ++i) {
        if (kCommandTable[i].name != name)
            continue;
        auto traits = kCommandTable[i].traits;
        traits.number = static_cast<std::uint8_t>(i + 1);
        return traits;
    }
    return {};
}

/// The name of a command of the table; "other" for all others.
constexpr std::string_view command_name(const CommandTraits& traits) noexcept {
    const std::size_t number = traits.number;
    return number - 1 < kCommandTable.size() ? kCommandTable[number - 1].name : "other";
}

/// The traits of the command that a line begins with. Asterisk's rules apply: any letter case,
/// words quoted or not, any number of blanks before and between them.
CommandTraits traits_of_line(std::string_view line);

}  // namespace costrix::inline COSTRIX_ABI::agi
