// SPDX-License-Identifier: MIT
// Actions that set where the call goes on, how long it lasts, and what it hears meanwhile.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace costrix::agi {

/// Hangs the channel up after a time (SET AUTOHANGUP).
class SetAutohangup {
public:
    static constexpr std::string_view command = "SET AUTOHANGUP";

    /// Takes an earlier one back.
    SetAutohangup() noexcept {}
    /// After so long from now, 1 ms or more.
    explicit SetAutohangup(std::chrono::milliseconds time) noexcept : time_(time) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::optional<std::chrono::milliseconds> time_;
};

/// Sets the caller ID of the channel (SET CALLERID).
///
/// Asterisk takes blanks, parentheses and hyphens off the number; it must not hold `<` or `>`.
class SetCallerid {
public:
    static constexpr std::string_view command = "SET CALLERID";

    explicit SetCallerid(std::string number) : number_(std::move(number)) {}
    SetCallerid(std::string number, std::string name)
        : number_(std::move(number)), name_(std::move(name)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string number_;
    std::optional<std::string> name_;
};

/// Sets the context in which the dialplan goes on (SET CONTEXT); it is not checked.
class SetContext {
public:
    static constexpr std::string_view command = "SET CONTEXT";

    explicit SetContext(std::string context) : context_(std::move(context)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string context_;
};

/// Sets the extension in which the dialplan goes on (SET EXTENSION); it is not checked.
///
/// Alone, the dialplan goes on at the next priority of it: set the priority too.
class SetExtension {
public:
    static constexpr std::string_view command = "SET EXTENSION";

    explicit SetExtension(std::string extension) : extension_(std::move(extension)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string extension_;
};

/// Sets the priority at which the dialplan goes on (SET PRIORITY).
///
/// Throws: AGIUsageError when there is no such label.
class SetPriority {
public:
    static constexpr std::string_view command = "SET PRIORITY";

    /// A number, 1 or more.
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

    explicit SetMusic(bool on) noexcept : on_(on) {}
    /// With a class of musiconhold.conf.
    SetMusic(bool on, std::string music_class) : class_(std::move(music_class)), on_(on) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string class_;
    bool on_;
};

}  // namespace costrix::agi
