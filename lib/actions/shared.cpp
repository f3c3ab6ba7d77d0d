// SPDX-License-Identifier: MIT
// How several actions encode an argument or read a result.
#include <costrix/agi/actions/shared.hpp>
#include <costrix/agi/exceptions.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void encode_timeout(
    CommandLine& line,
    std::optional<std::chrono::milliseconds> timeout,
    std::int64_t min,
    std::int64_t none
) {
    if (timeout)
        line.number(timeout->count(), "timeout", min);
    else
        line.number(none);
}

void encode_in_range(CommandLine& line, int value, std::string_view what, int min, int max) {
    if (value < min || value > max) {
        line.refuse(
            what,
            "is " + std::to_string(value) + ", not " + std::to_string(min) + " to " +
                std::to_string(max)
        );
    }
    line.number(value);
}

void encode_letter(
    CommandLine& line,
    char letter,
    std::string_view what,
    std::string_view allowed
) {
    if (letter == '\0')
        return;
    if (allowed.find(letter) == std::string_view::npos) {
        std::string why = "is not one of ";
        for (const char one : allowed)
            why.append(one == allowed.front() ? "" : ", ") += one;
        line.refuse(what, why);
    }
    line.argument({&letter, 1}, what);
}

void fail_on_minus_one(const Reply& reply, const char* what) {
    if (reply.number() == -1)
        throw AGIAppError(what);
}

void fail_unless_one(const Reply& reply, const char* what) {
    if (reply.result() != "1")
        throw AGIAppError(what);
}

void fail_database_unless_one(const Reply& reply, const char* what) {
    if (reply.result() != "1")
        throw AGIDBError(what);
}

std::optional<char> key_or_failure(const Reply& reply, const char* what) {
    fail_on_minus_one(reply, what);
    const auto code = reply.number();
    if (!code || *code < 0 || *code > 255)
        throw AGIUnknownError("the result is not the code of a key");
    return *code == 0 ? std::nullopt : std::optional(static_cast<char>(*code));
}

std::optional<std::string> value_if_one(const Reply& reply) {
    if (reply.result() != "1")
        return std::nullopt;
    return std::string(reply.value().value_or(std::string_view()));
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
