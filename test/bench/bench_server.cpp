// SPDX-License-Identifier: MIT
// The server that benchmarks measure: ordinary public API, logging at warn, no special paths.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <spdlog/spdlog.h>

#include <array>
#include <bit>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> bench(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::GetVariable("CALLERID(num)"));
    co_await call.execute(agi::GetVariable("CHANNEL(language)"));
    co_await call.execute(agi::GetVariable("CUSTOMER_ID"));
    co_await call.execute(agi::SetVariable("RESULT", "ok"));
    co_await call.execute(agi::StreamFile("welcome").escape_digits("0123456789"));
    co_await call.execute(agi::GetData("enter-pin").timeout(5000ms).max_digits(4));
    co_await call.execute(agi::Exec("NoOp", "bench"));
    co_await call.execute(agi::Verbose("done", 1));
    co_await call.execute(agi::Hangup());
}

asio::awaitable<void> one_command(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Verbose("x", 1));
}

/// The same with a deadline on every command.
asio::awaitable<void> deadlines(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer(), 5s);
    co_await call.execute(agi::GetVariable("CALLERID(num)"), 5s);
    co_await call.execute(agi::GetVariable("CHANNEL(language)"), 5s);
    co_await call.execute(agi::GetVariable("CUSTOMER_ID"), 5s);
    co_await call.execute(agi::SetVariable("RESULT", "ok"), 5s);
    co_await call.execute(agi::StreamFile("welcome").escape_digits("0123456789"), 5s);
    co_await call.execute(agi::GetData("enter-pin").timeout(5000ms).max_digits(4), 5s);
    co_await call.execute(agi::Exec("NoOp", "bench"), 5s);
    co_await call.execute(agi::Verbose("done", 1), 5s);
    co_await call.execute(agi::Hangup(), 5s);
}

/// The same with one allocation more: what the guard must notice.
asio::awaitable<void> wasteful(agi::AGI& call, const agi::Request& request) {
    const auto waste = std::make_unique<std::array<char, 64>>();
    static_cast<volatile char&>(waste->front()) = 1;
    co_await bench(call, request);
}

asio::awaitable<void> hold(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::WaitForDigit());
}

asio::awaitable<void> close_at_once(agi::AGI&, const agi::Request&) {
    co_return;
}

/// What metrics need at least: how long each side took, in powers of two of a nanosecond.
class CountingObserver final : public agi::Observer {
    using Histogram = std::array<std::uint64_t, 65>;

    class Call final : public agi::CallObserver {
    public:
        explicit Call(CountingObserver& all) : all_(all) {}

        void on_command(const agi::SentCommand& sent) override {
            count(all_.turn_around_, sent.turn_around);
        }
        void on_finished(const agi::FinishedCommand& finished) override {
            count(all_.took_, finished.took);
        }

    private:
        static void count(Histogram& histogram, std::chrono::nanoseconds time) {
            const auto width = std::bit_width(static_cast<std::uint64_t>(time.count()));
            ++histogram[static_cast<std::size_t>(width)];
        }

        CountingObserver& all_;
    };

    std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall&) override {
        return std::make_unique<Call>(*this);
    }

    Histogram turn_around_{}, took_{};
};

void register_handlers(agi::FastAGIServer& server) {
    server.register_script_handler("bench$", bench);
    server.register_script_handler("short$", one_command);
    server.register_script_handler("deadlines$", deadlines);
    server.register_script_handler("hold$", hold);
    server.register_script_handler("wasteful$", wasteful);
    server.set_default_handler(close_at_once);
}

/// A server that runs itself.
void run(const agi::FastAGIServerOptions& options, std::size_t threads) {
    agi::FastAGIServer server(options);
    register_handlers(server);
    server.run(threads);
}

/// A guest on a program's own io_context, which one thread runs, and whether it is told so.
void run_as_guest(const agi::FastAGIServerOptions& options, agi::Threads threads) {
    asio::io_context context(1);
    agi::FastAGIServer server(context.get_executor(), options, threads);
    register_handlers(server);
    asio::signal_set signals(context, SIGTERM);
    signals.async_wait([&server](auto, int) { server.shutdown(); });
    asio::co_spawn(context, server.serve_forever(), asio::detached);
    context.run();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--compiler") {
        std::cout << COSTRIX_COMPILER << '\n';
        return 0;
    }
    const std::string_view mode = argc == 5 ? argv[3] : "--threads";
    const std::string_view value = argc == 5 ? argv[4] : "1";
    if ((argc != 3 && argc != 5) || std::string_view(argv[1]) != "--port" ||
        (mode != "--threads" && mode != "--guest" && mode != "--observer")) {
        std::cerr << "usage: bench_server --port PORT [--threads N | --guest one|many | --observer "
                     "counting] | --compiler\n";
        return 2;
    }
    spdlog::set_level(spdlog::level::warn);
    agi::FastAGIServerOptions options{
        .interface = "127.0.0.1",
        .port = static_cast<std::uint16_t>(std::atoi(argv[2])),
        .handle_signals = true};
    if (mode == "--observer") {  // counts without locks, so on one thread
        options.observer = std::make_shared<CountingObserver>();
        run(options, 1);
    } else if (mode == "--guest")
        run_as_guest(options, value == "one" ? agi::Threads::one : agi::Threads::many);
    else
        run(options, static_cast<std::size_t>(std::atoi(value.data())));
}
