// SPDX-License-Identifier: MIT
// Shows: a classic AGI script line by line, without coroutines: for porting one. Run: put it into
// Asterisk's agi-bin and call AGI(line_by_line,1234). Expect: PIN_OK is 1 for that PIN, else 0.
#include <costrix/agi.hpp>

#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

bool ask_pin(agi::BlockingAGI& call, std::string_view pin) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto entered = call.execute(agi::GetData("agent-pass").timeout(5s).max_digits(4));
        if (entered.digits == pin)
            return true;
        call.execute(agi::StreamFile("auth-incorrect"));
    }
    return false;
}

int main() try {
    agi::BlockingAGI call;
    const std::string pin(call.environment().argument(1).value_or("0000"));
    std::cout << "a call from " << call.environment().channel() << std::endl;  // to standard error

    call.execute(agi::Answer());
    const bool right = ask_pin(call, pin);
    call.execute(agi::SetVariable("PIN_OK", right ? "1" : "0"));
    if (right)
        call.execute(agi::StreamFile("auth-thankyou"));
    return 0;
} catch (const agi::AGIHangup&) {
    return 0;  // the caller hung up, which is no failure
} catch (const std::exception& error) {
    std::cerr << "line_by_line: " << error.what() << '\n';
    return 1;  // AGISTATUS=FAILURE
}
