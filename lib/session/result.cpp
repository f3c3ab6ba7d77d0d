// SPDX-License-Identifier: MIT
// Between exceptions and error codes.
#include <costrix/agi/result.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <type_traits>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

class Category final : public error_category {
public:
    const char* name() const noexcept override { return "costrix.agi"; }

    std::string message(int code) const override {
        constexpr const char* kMessages[] = {
            "the command failed",
            "the database action failed",
            "the channel is dead",
            "Asterisk does not know the command",
            "wrong syntax, or an argument that cannot be sent",
            "no result= in the reply",
            "unknown reply",
            "no reply before the deadline",
            "the caller hung up",
            "the caller hung up (SIGHUP)",
            "the connection to Asterisk ended",
        };
        static_assert(std::size(kMessages) == static_cast<std::size_t>(Errc::disconnected));
        const auto index = static_cast<std::size_t>(code) - 1;
        return index < std::size(kMessages) ? kMessages[index]
                                            : "unknown error " + std::to_string(code);
    }
};

}  // namespace

const error_category& agi_category() noexcept {
    static const Category category;
    return category;
}

Errc code_of(const AGIException& error) noexcept {
    const auto is = [&error]<class E>(std::type_identity<E>) {
        return dynamic_cast<const E*>(&error) != nullptr;
    };
    if (is(std::type_identity<AGIResultHangup>()))
        return Errc::hung_up;
    if (is(std::type_identity<AGISIGHUPHangup>()))
        return Errc::sighup;
    if (is(std::type_identity<AGIHangup>()))
        return Errc::disconnected;
    if (is(std::type_identity<AGITimeout>()))
        return Errc::timed_out;
    if (is(std::type_identity<AGINoResultError>()))
        return Errc::no_result;
    if (is(std::type_identity<AGIDBError>()))
        return Errc::database;
    if (is(std::type_identity<AGIDeadChannelError>()))
        return Errc::dead_channel;
    if (is(std::type_identity<AGIInvalidCommandError>()))
        return Errc::invalid_command;
    if (is(std::type_identity<AGIUsageError>()))
        return Errc::usage;
    return is(std::type_identity<AGIUnknownError>()) ? Errc::unknown_reply : Errc::failed;
}

bool is_hangup(const error_code& code) noexcept {
    return code == Errc::hung_up || code == Errc::sighup || code == Errc::disconnected;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
