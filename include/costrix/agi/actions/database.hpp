// SPDX-License-Identifier: MIT
// Actions on Asterisk's database (astdb).
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Reads a value from Asterisk's database (DATABASE GET).
///
/// Throws: AGIDBError when there is no such key.
class DatabaseGet {
public:
    static constexpr std::string_view command = "DATABASE GET";

    /// Reads `key` of `family`.
    DatabaseGet(std::string family, std::string key)
        : family_(std::move(family)), key_(std::move(key)) {}
    void encode(CommandLine& line) const { line.argument(family_, "family").argument(key_, "key"); }
    static std::string parse(const Reply& reply) {
        detail::fail_database_unless_one(reply, "no such key in the database");
        return std::string(reply.value().value_or(std::string_view()));
    }

private:
    std::string family_;
    std::string key_;
};

/// Writes a value to Asterisk's database (DATABASE PUT).
///
/// Throws: AGIDBError when the value cannot be written.
class DatabasePut {
public:
    static constexpr std::string_view command = "DATABASE PUT";

    /// Stores `value` as `key` of `family`.
    DatabasePut(std::string family, std::string key, std::string value)
        : family_(std::move(family)), key_(std::move(key)), value_(std::move(value)) {}
    void encode(CommandLine& line) const {
        line.argument(family_, "family").argument(key_, "key").argument(value_, "value");
    }
    static void parse(const Reply& reply) {
        detail::fail_database_unless_one(reply, "the database did not take the value");
    }

private:
    std::string family_;
    std::string key_;
    std::string value_;
};

/// Removes a key from Asterisk's database (DATABASE DEL).
///
/// Removing a missing key is not an error: Asterisk answers 1 as well.
/// Throws: AGIDBError when the key cannot be removed.
class DatabaseDel {
public:
    static constexpr std::string_view command = "DATABASE DEL";

    /// Deletes `key` of `family`.
    DatabaseDel(std::string family, std::string key)
        : family_(std::move(family)), key_(std::move(key)) {}
    void encode(CommandLine& line) const { line.argument(family_, "family").argument(key_, "key"); }
    static void parse(const Reply& reply) {
        detail::fail_database_unless_one(reply, "the database did not remove the key");
    }

private:
    std::string family_;
    std::string key_;
};

/// Removes a family, or a tree of keys in it, from Asterisk's database (DATABASE DELTREE).
///
/// Returns true when something was removed. The wire has it inverted: Asterisk answers 0 when it
/// removed something and 1 when there was nothing to remove (res_agi.c).
class DatabaseDeltree {
public:
    static constexpr std::string_view command = "DATABASE DELTREE";

    /// Deletes the whole family.
    explicit DatabaseDeltree(std::string family) : family_(std::move(family)) {}
    /// Deletes what is below `keytree` in the family.
    DatabaseDeltree(std::string family, std::string keytree)
        : family_(std::move(family)), keytree_(std::move(keytree)) {}
    void encode(CommandLine& line) const {
        line.argument(family_, "family");
        if (keytree_)
            line.argument(*keytree_, "keytree");
    }
    static bool parse(const Reply& reply) { return reply.result() == "0"; }

private:
    std::string family_;
    std::optional<std::string> keytree_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
