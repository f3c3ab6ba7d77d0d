// SPDX-License-Identifier: MIT
// A classic AGI script for the tests: all that BlockingAGI can do, in turn.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

asio::awaitable<std::string> both(agi::AGI& call) {
    const auto first = co_await call.execute(agi::GetVariable("A"));
    const auto second = co_await call.execute(agi::GetVariable("B"));
    co_return first.value_or("") + second.value_or("");
}

/// Goes on long after the hangup: the session has ended itself by then.
void late() {
    agi::ScriptOptions options;
    options.after_hangup_timeout = 20ms;
    agi::BlockingAGI call(options);
    call.allow_after_hangup();
    std::cout << "begun" << std::endl;
    while (!call.hung_up())
        ::usleep(10000);
    for (int i = 0; i < 3; ++i) {
        ::usleep(50000);
        try {
            call.execute(agi::Noop());
        } catch (const agi::AGIException&) {
            std::cout << "over" << std::endl;
        }
    }
}

asio::awaitable<void> fail_soon(agi::AGI& call) {
    co_await call.sleep_for(1ms);
    throw std::runtime_error("of another coroutine");
}

/// An exception of something else cuts a wait short, which must leave nothing behind.
void stray() {
    agi::BlockingAGI call;
    asio::co_spawn(
        call.async().get_executor(),
        fail_soon(call.async()),
        [](std::exception_ptr error) { std::rethrow_exception(error); }
    );
    try {
        call.execute(agi::WaitForDigit());
    } catch (const std::runtime_error& error) {
        std::cout << error.what() << std::endl;
    }
    call.execute(agi::Noop());
    std::cout << "went on" << std::endl;
}

/// Catches whatever comes, and tries again.
void try_for_ever() {
    agi::BlockingAGI call;
    for (;;) {
        try {
            call.execute(agi::WaitForDigit());
        } catch (const std::exception&) {
        }
    }
}

/// The same in a coroutine.
void wait_for_ever() {
    agi::BlockingAGI call;
    call.wait([](agi::AGI& agi) -> asio::awaitable<void> {
        for (;;) {
            try {
                co_await agi.execute(agi::WaitForDigit());
            } catch (const std::exception&) {
            }
        }
    }(call.async()));
}

/// Prints what it learns.
class Printer final : public agi::Observer {
    class Call final : public agi::CallObserver {
        void on_command(const agi::SentCommand& sent) override {
            std::cout << "sent " << sent.name << std::endl;
        }
        void on_hangup(bool) override { std::cout << "hangup" << std::endl; }
        void on_end(const agi::EndedCall& end) override {
            std::cout << "end: " << to_string(end.how) << ", " << end.commands << std::endl;
        }
    };
    std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall& call) override {
        std::cout << "call " << call.environment.unique_id() << std::endl;
        return std::make_unique<Call>();
    }
};

agi::ScriptOptions observed() {
    agi::ScriptOptions options;
    options.observer = std::make_shared<Printer>();
    return options;
}

void observed_blocking() {
    agi::BlockingAGI call(observed());
    call.execute(agi::Noop());
}

int observed_script() {
    const auto handler = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::WaitForDigit());
    };
    return agi::run_script(handler, observed());
}

void all() {
    agi::BlockingAGI call(true);
    std::cout << call.send("ODD COMMAND").text() << std::endl;
    try {
        call.execute(agi::StreamFile("tt-monkeys"), 50ms);
    } catch (const agi::AGITimeout&) {
        std::cout << "timed out" << std::endl;
    }
    std::cout << call.wait(both(call.async())) << std::endl;
    call.allow_after_hangup();
    for (int n = 0; n < 1000 && !call.hung_up(); ++n)
        ::usleep(10000);  // busy with something else
    std::cout << "hung up: " << call.hung_up() << std::endl;
    call.execute(agi::SetVariable("C", "d"));
    try {
        call.execute(agi::Answer());
    } catch (const agi::AGIDeadChannelError&) {
        std::cout << "dead" << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string_view what = argc > 1 ? argv[1] : "all";
    if (what == "late")
        late();
    else if (what == "stray")
        stray();
    else if (what == "try_for_ever")
        try_for_ever();
    else if (what == "wait_for_ever")
        wait_for_ever();
    else if (what == "observed_blocking")
        observed_blocking();
    else if (what == "observed_script")
        return observed_script();
    else
        all();
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
} catch (...) {
    std::cerr << "stopped" << std::endl;
    return 2;
}
