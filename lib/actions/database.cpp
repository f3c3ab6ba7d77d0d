// SPDX-License-Identifier: MIT
// Actions on Asterisk's own database.
#include <costrix/agi/actions/database.hpp>
#include <costrix/agi/exceptions.hpp>

namespace costrix::agi {

void DatabaseGet::encode(CommandLine& line) const {
    line.argument(family_, "family").argument(key_, "key");
}

std::string DatabaseGet::parse(const Reply& reply) {
    if (reply.result() != "1")
        throw AGIDBError("no such key in the database");
    return std::string(reply.value().value_or(std::string_view()));
}

void DatabasePut::encode(CommandLine& line) const {
    line.argument(family_, "family").argument(key_, "key").argument(value_, "value");
}

void DatabasePut::parse(const Reply& reply) {
    if (reply.result() != "1")
        throw AGIDBError("the database did not take the value");
}

void DatabaseDel::encode(CommandLine& line) const {
    line.argument(family_, "family").argument(key_, "key");
}

void DatabaseDel::parse(const Reply& reply) {
    if (reply.result() != "1")
        throw AGIDBError("the database did not remove the key");
}

void DatabaseDeltree::encode(CommandLine& line) const {
    line.argument(family_, "family");
    if (keytree_)
        line.argument(*keytree_, "keytree");
}

bool DatabaseDeltree::parse(const Reply& reply) {
    return reply.result() == "0";
}

}  // namespace costrix::agi
