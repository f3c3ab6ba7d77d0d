// SPDX-License-Identifier: MIT
// What several actions share in reading a reply's result.
#include "actions/results.hpp"

#include <costrix/agi/exceptions.hpp>

namespace costrix::agi::detail {

void fail_on_minus_one(const Reply& reply, const char* what) {
    if (reply.number() == -1)
        throw AGIAppError(what);
}

std::optional<char> key_or_failure(const Reply& reply, const char* what) {
    fail_on_minus_one(reply, what);
    const auto code = reply.number();
    if (!code || *code < 0 || *code > 255)
        throw AGIUnknownError("the result is no key's code");
    return *code == 0 ? std::nullopt : std::optional(static_cast<char>(*code));
}

std::optional<std::string> value_if_one(const Reply& reply) {
    if (reply.result() != "1")
        return std::nullopt;
    return std::string(reply.value().value_or(std::string_view()));
}

}  // namespace costrix::agi::detail
