// SPDX-License-Identifier: MIT
// A classic AGI script for the tests: does what its arguments say, in turn.
//
// `@word` is one of the steps below; anything else is a command line to send. What comes of each is
// one line on "standard output", which the tests read from standard error, or from the file that
// the first argument names by a path.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

/// Names the exception in flight.
std::string name_of_exception() {
    try {
        throw;
    } catch (const agi::AGISIGHUPHangup&) {
        return "AGISIGHUPHangup";
    } catch (const agi::AGISIGPIPEHangup&) {
        return "AGISIGPIPEHangup";
    } catch (const agi::AGIResultHangup&) {
        return "AGIResultHangup";
    } catch (const agi::AGIDeadChannelError&) {
        return "AGIDeadChannelError";
    } catch (const agi::AGIAppError&) {
        return "AGIAppError";
    } catch (const std::exception& error) {
        return error.what();
    }
}

/// Executes an action and says how that ended; the exception, if any, goes on with `pass_on`.
template <agi::Action A>
asio::awaitable<void> attempt(agi::AGI& call, A action, bool pass_on = false) {
    std::exception_ptr error;
    std::string how = "done";
    try {
        co_await call.execute(action);
    } catch (...) {
        how = name_of_exception();
        error = std::current_exception();
    }
    std::cout << A::command << ": " << how << std::endl;
    if (error && pass_on)
        std::rethrow_exception(error);
}

/// All the ways to print on what was standard output, and a child that reads standard input.
void print() {
    std::cout << "cout" << std::endl;
    std::printf("printf\n");
    std::fflush(stdout);
    if (std::system("echo child; cat; readlink /proc/$$/fd/*") != 0)
        std::cout << "readlink failed" << std::endl;
    std::cout << "left in a buffer";  // until the process ends
}

asio::awaitable<void> send(agi::AGI& call, std::string line) {
    const auto reply = co_await call.send(line);
    std::cout << "reply: " << reply.text() << std::endl;
}

/// Sends commands from coroutines that run at the same time.
asio::awaitable<void> together(agi::AGI& call, const std::string& lines) {
    std::istringstream cut(lines);
    auto count = std::make_shared<int>(0);
    for (std::string line; std::getline(cut, line, ',');) {
        ++*count;
        auto ended = [count](std::exception_ptr) { --*count; };
        asio::co_spawn(call.get_executor(), send(call, line), ended);
    }
    while (*count > 0)
        co_await call.sleep_for(1ms);
}

std::optional<agi::AudioStream> audio;  // as long as the handler

/// Reads so many frames, or all, and says what they were.
asio::awaitable<void> listen(std::uint64_t count) {
    std::uint64_t frames = 0, samples = 0, lost = 0;
    int last = 0;
    agi::AudioFrame frame;
    while (frames < count) {
        const auto* const heard = co_await audio->read(frame);
        if (!heard)
            break;
        ++frames;
        samples += frame.samples.size();
        lost += frame.lost;
        last = frame.samples.back();
    }
    std::cout << frames << " frames, " << samples << " samples, " << lost << " lost, last " << last
              << ", " << audio->overruns() << " overruns" << std::endl;
}

/// The steps that need an EAGI call.
asio::awaitable<void> audio_step(agi::AGI& call, const std::string& what) {
    const auto number = std::strtoull(what.c_str() + what.find(' ') + 1, nullptr, 10);
    if (what.starts_with("@open ")) {
        std::string how = "open";
        try {
            audio.emplace(co_await agi::open_audio(call, std::chrono::milliseconds(number)));
        } catch (const agi::AGIAppError& error) {
            how = error.what();
        }
        std::cout << how << std::endl;
    } else if (what.starts_with("@listen ")) {
        co_await listen(number);
    } else if (what.starts_with("@during ")) {
        co_await call.execute_during(agi::StreamFile("tt-monkeys"), listen(number));
    }
}

/// Catches whatever comes, and tries again.
asio::awaitable<void> play_for_ever(agi::AGI& call) {
    for (;;) {
        try {
            co_await call.execute(agi::StreamFile("tt-monkeys"));
        } catch (...) {
        }
    }
}

void rethrow(std::exception_ptr error) {
    if (error)
        std::rethrow_exception(error);
}

/// What goes wrong beside the handler's own coroutine, or in many of them.
asio::awaitable<void> concurrency_step(agi::AGI& call, const std::string& what) {
    using namespace asio::experimental::awaitable_operators;
    if (what == "@for-ever")
        co_await play_for_ever(call);
    else if (what == "@stray")
        asio::co_spawn(call.get_executor(), attempt(call, agi::Answer(), true), rethrow);
    else if (what == "@both")
        co_await (call.sleep_for(60s) && call.execute(agi::StreamFile("tt-monkeys")));
}

asio::awaitable<void> step(agi::AGI& call, const std::string& what) {
    if (what == "@allow") {
        call.allow_after_hangup();
    } else if (what == "@hangup") {
        co_await call.wait_for_hangup();
        std::cout << "hung up" << std::endl;
    } else if (what == "@idle") {
        std::cout << "idle" << std::endl;
        std::string how = "not";
        try {
            co_await call.unless_hung_up(call.sleep_for(60s));
        } catch (...) {
            how = name_of_exception();
        }
        std::cout << "idle: " << how << std::endl;
    } else if (what == "@answer") {
        co_await attempt(call, agi::Answer());
    } else if (what == "@pause") {
        co_await call.sleep_for(300ms);
    } else if (what == "@wait-key") {
        co_await attempt(call, agi::WaitForDigit(2s));
    } else if (what == "@play") {
        co_await attempt(call, agi::StreamFile("tt-monkeys"));
    } else if (what == "@play!") {
        co_await attempt(call, agi::StreamFile("tt-monkeys"), true);
    } else if (what == "@noop") {
        co_await attempt(call, agi::Noop());
    } else if (what == "@environment") {
        for (const auto& [key, value] : call.get_environment())
            std::cout << key << "=" << value << std::endl;
    } else if (what == "@stop") {  // not even the loop runs until SIGCONT
        std::raise(SIGSTOP);
    } else if (what == "@for-ever" || what == "@stray" || what == "@both") {
        co_await concurrency_step(call, what);
    } else if (what == "@print") {
        print();
    } else if (what == "@throw") {
        throw std::runtime_error("the handler's own");
    } else if (what.starts_with("@open ") || what.starts_with("@listen ") || what.starts_with("@during ")) {
        co_await audio_step(call, what);
    } else if (what.starts_with("@together ")) {
        co_await together(call, what.substr(10));
    } else if (what.starts_with("@exit ")) {
        std::exit(std::atoi(what.c_str() + 6));
    } else {
        co_await send(call, what);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> steps(argv + 1, argv + argc);
    if (!steps.empty() && steps[0].starts_with('/')) {
        const int file = ::open(steps[0].c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        if (file < 0 || ::dup2(file, STDERR_FILENO) < 0)
            return 2;
        steps.erase(steps.begin());
    }
    auto flow = [&steps](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        const std::shared_ptr<void> end_of_handler(nullptr, [](void*) { audio.reset(); });
        for (const auto& one : steps)
            co_await step(call, one);
    };
    agi::ScriptOptions options;
    options.debug = std::getenv("STEP_SCRIPT_DEBUG") != nullptr;
    if (const char* const limit = std::getenv("STEP_SCRIPT_LIMIT"))
        options.session_timeout = std::chrono::milliseconds(std::atoi(limit));
    if (const char* const limit = std::getenv("STEP_SCRIPT_HANGUP_LIMIT"))
        options.after_hangup_timeout = std::chrono::milliseconds(std::atoi(limit));
    return agi::run_script(flow, options);
}
