// SPDX-License-Identifier: MIT
// Shows: an action of your own, in the same way as the library's. Run: own_action, and see what it
// would send; in a handler it is executed like any other.
#include <costrix/agi.hpp>

#include <iostream>
#include <string>

namespace agi = costrix::agi;

/// Reads one entry of the caller's account by a dialplan function of ours, ${ACCOUNT(key)}.
class GetAccount {
public:
    // The command that it sends. Its properties are known from the name.
    static constexpr std::string_view command = "GET FULL VARIABLE";

    // A constructor: an action is never an aggregate.
    explicit GetAccount(std::string key) : key_(std::move(key)) {}

    // Arguments are quoted here; a wrong one is refused with its name before anything is sent.
    void encode(agi::CommandLine& line) const {
        if (key_.find_first_of("()${}") != std::string::npos)
            line.refuse("key", "has characters that mean something in the dialplan");
        line.argument("${ACCOUNT(" + key_ + ")}", "key");
    }

    // Of a reply `200 result=...` it makes the result; what it throws gets command and reply.
    static std::string parse(const agi::Reply& reply) {
        if (!reply.value() || reply.value()->empty())
            throw agi::AGIAppError("the caller's account has no such entry");
        return std::string(*reply.value());
    }

private:
    std::string key_;
};
static_assert(agi::Action<GetAccount>);

asio::awaitable<void> greet(agi::AGI& call, const agi::Request&) {
    const auto name = co_await call.execute(GetAccount("name"));
    co_await call.execute(agi::Verbose("welcome " + name));
}

int main() {
    std::cout << agi::to_string(GetAccount("name")) << '\n'
              << agi::to_string(GetAccount("name)}${SHELL(x")) << '\n';
    const agi::ScriptHandler handler = greet;
    return handler ? 0 : 1;
}
