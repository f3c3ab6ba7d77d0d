// SPDX-License-Identifier: MIT
// Between exceptions and error codes.
#include <costrix/agi/result.hpp>

#include <string>
#include <type_traits>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

class Category final : public error_category {
public:
    const char* name() const noexcept override { return "costrix.agi"; }

    std::string message(int code) const override {
        switch (static_cast<Errc>(code)) {
        case Errc::failed:
            return "the command failed";
        case Errc::database:
            return "the database action failed";
        case Errc::dead_channel:
            return "the channel is dead";
        case Errc::invalid_command:
            return "Asterisk does not know the command";
        case Errc::usage:
            return "wrong syntax, or an argument that cannot be sent";
        case Errc::no_result:
            return "no result= in the reply";
        case Errc::unknown_reply:
            return "unknown reply";
        case Errc::timed_out:
            return "no reply before the deadline";
        case Errc::hung_up:
            return "the caller hung up";
        case Errc::sighup:
            return "the caller hung up (SIGHUP)";
        case Errc::disconnected:
            return "the connection to Asterisk ended";
        }
        return "unknown error " + std::to_string(code);
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
