// SPDX-License-Identifier: MIT
// Actions on Asterisk's own database (astdb).
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Reads a value of Asterisk's database (DATABASE GET).
///
/// Throws: AGIDBError when there is no such key.
class DatabaseGet {
public:
    static constexpr std::string_view command = "DATABASE GET";

    DatabaseGet(std::string family, std::string key)
        : family_(std::move(family)), key_(std::move(key)) {}
    void encode(CommandLine& line) const;
    static std::string parse(const Reply& reply);

private:
    std::string family_;
    std::string key_;
};

/// Writes a value into Asterisk's database (DATABASE PUT).
///
/// Throws: AGIDBError when it cannot be written.
class DatabasePut {
public:
    static constexpr std::string_view command = "DATABASE PUT";

    DatabasePut(std::string family, std::string key, std::string value)
        : family_(std::move(family)), key_(std::move(key)), value_(std::move(value)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string family_;
    std::string key_;
    std::string value_;
};

/// Removes a key from Asterisk's database (DATABASE DEL).
///
/// A key that is not there is no error, Asterisk says 1 all the same.
/// Throws: AGIDBError when it cannot be removed.
class DatabaseDel {
public:
    static constexpr std::string_view command = "DATABASE DEL";

    DatabaseDel(std::string family, std::string key)
        : family_(std::move(family)), key_(std::move(key)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string family_;
    std::string key_;
};

/// Removes a family, or a tree of keys in it, from Asterisk's database (DATABASE DELTREE).
///
/// The result is true when something was removed. On the wire it is the other way round: Asterisk
/// answers 0 when it has removed something, and 1 when there was nothing (res_agi.c).
class DatabaseDeltree {
public:
    static constexpr std::string_view command = "DATABASE DELTREE";

    explicit DatabaseDeltree(std::string family) : family_(std::move(family)) {}
    DatabaseDeltree(std::string family, std::string keytree)
        : family_(std::move(family)), keytree_(std::move(keytree)) {}
    void encode(CommandLine& line) const;
    static bool parse(const Reply& reply);

private:
    std::string family_;
    std::optional<std::string> keytree_;
};

}  // namespace costrix::agi
