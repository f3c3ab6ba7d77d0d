// SPDX-License-Identifier: MIT
// Actions named SET that change the call: where it continues, how long it lasts, what it hears.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

#include <variant>

namespace costrix::inline COSTRIX_ABI::agi {

/// Hangs up the channel after a time (SET AUTOHANGUP).
class SetAutohangup {
public:
    static constexpr std::string_view command = "SET AUTOHANGUP";

    /// Cancels an earlier one.
    SetAutohangup() noexcept {}
    /// Hangs up `time` from now, at least 1 ms.
    explicit SetAutohangup(std::chrono::milliseconds time) noexcept : time_(time) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::optional<std::chrono::milliseconds> time_;
};

/// Sets the channel's caller ID (SET CALLERID).
///
/// Asterisk removes blanks, parentheses and hyphens from the number, which must not contain `<` or
/// `>`.
class SetCallerid {
public:
    static constexpr std::string_view command = "SET CALLERID";

    /// Sets the number only.
    explicit SetCallerid(std::string number) : number_(std::move(number)) {}
    /// Sets number and name.
    SetCallerid(std::string number, std::string name)
        : number_(std::move(number)), name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string number_;
    std::optional<std::string> name_;
};

/// Sets the context in which the dialplan continues (SET CONTEXT). Asterisk does not check it.
class SetContext {
public:
    static constexpr std::string_view command = "SET CONTEXT";

    /// The context in which the dialplan continues.
    explicit SetContext(std::string context) : context_(std::move(context)) {}
    void encode(CommandLine& line) const { line.argument(context_, "context"); }
    static void parse(const Reply&) {}

private:
    std::string context_;
};

/// Sets the extension in which the dialplan continues (SET EXTENSION). Asterisk does not check it.
///
/// Also set the priority: otherwise the dialplan continues at the current one plus 1.
class SetExtension {
public:
    static constexpr std::string_view command = "SET EXTENSION";

    /// The extension at which the dialplan continues.
    explicit SetExtension(std::string extension) : extension_(std::move(extension)) {}
    void encode(CommandLine& line) const { line.argument(extension_, "extension"); }
    static void parse(const Reply&) {}

private:
    std::string extension_;
};

/// Sets the priority at which the dialplan continues (SET PRIORITY).
///
/// Throws: AGIUsageError when there is no such label.
class SetPriority {
public:
    static constexpr std::string_view command = "SET PRIORITY";

    /// A number, at least 1.
    explicit SetPriority(int priority) noexcept : priority_(priority) {}
    /// A label of the extension.
    explicit SetPriority(std::string label) : priority_(std::move(label)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::variant<int, std::string> priority_;
};

/// Turns music on hold on or off (SET MUSIC).
class SetMusic {
public:
    static constexpr std::string_view command = "SET MUSIC";

    explicit SetMusic(bool on) noexcept : on_(on) {}  ///< Starts the music (true) or stops it.
    /// With a class of musiconhold.conf.
    SetMusic(bool on, std::string music_class) : class_(std::move(music_class)), on_(on) {}
    void encode(CommandLine& line) const {
        line.name(on_ ? "on" : "off").optional_argument(class_, "class");
    }
    static void parse(const Reply&) {}

private:
    std::string class_;
    bool on_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
