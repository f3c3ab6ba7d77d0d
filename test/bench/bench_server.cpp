// SPDX-License-Identifier: MIT
// The server that benchmarks measure: ordinary public API, logging at warn, no special paths.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#ifdef COSTRIX_BENCH_OPS
#include <costrix/ops/endpoint.hpp>
#endif

#include <spdlog/spdlog.h>

#include <array>
#include <bit>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
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

asio::awaitable<void> echo(agi::AudioLine& line) {
    agi::AudioFrame frame;
    while (const auto* heard = co_await line.read(frame))
        line.write(heard->samples);
}

asio::awaitable<void> audio(agi::AGI& call, const agi::Request&) {
    co_await agi::talk(call, echo);
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
    server.register_script_handler("audio$", audio);
    server.register_script_handler("wasteful$", wasteful);
    server.set_default_handler(close_at_once);
}

/// A server that runs itself.
void run(const agi::FastAGIServerOptions& options, std::size_t threads) {
    agi::FastAGIServer server(options);
    register_handlers(server);
    server.run(threads);
}

/// A guest on a program's own io_context, which one thread runs; until its last call has ended.
void run_as_guest(asio::io_context& context, agi::FastAGIServer& server) {
    register_handlers(server);
    asio::signal_set signals(context, SIGTERM);
    signals.async_wait([&server](auto, int) { server.shutdown(); });
    asio::co_spawn(context, server.serve_forever(), [&context](auto) { context.stop(); });
    context.run();
}

/// "GNU 12.2.0, Asio 1.22.1"; Boost.Asio has a version of its own as well.
std::string versions() {
    constexpr int version = COSTRIX_ASIO_VERSION;
#ifdef COSTRIX_BOOST_ASIO
    const std::string asio = "Boost.Asio ";
#else
    const std::string asio = "Asio ";
#endif
    return std::string(COSTRIX_COMPILER) + ", " + asio + std::to_string(version / 100000) + '.' +
           std::to_string(version / 100 % 1000) + '.' + std::to_string(version % 100);
}

/// `threads`: whether the server is told that there is only one.
void run_as_guest(const agi::FastAGIServerOptions& options, agi::Threads threads) {
    asio::io_context context(1);
    agi::FastAGIServer server(context.get_executor(), options, threads);
    run_as_guest(context, server);
}

#ifdef COSTRIX_BENCH_OPS
/// With metrics and an endpoint, which is on the calls' io_context or on a thread of its own. (A
/// second thread alone makes the system calls of glibc, and its locks, some 200 instructions
/// dearer.)
void run_with_ops(agi::FastAGIServerOptions options, bool thread) {
    const auto metrics = std::make_shared<costrix::ops::Metrics>();
    options.observer = metrics;
    if (thread) {
        agi::FastAGIServer server(options);
        register_handlers(server);
        const costrix::ops::Endpoint endpoint(server, metrics, {.port = 0});
        server.run(1);
        return;
    }
    asio::io_context context(1);
    agi::FastAGIServer server(context.get_executor(), options, agi::Threads::one);
    const costrix::ops::Endpoint endpoint(context, server, metrics, {.port = 0});
    run_as_guest(context, server);
}
#else
void run_with_ops(const agi::FastAGIServerOptions&, bool) {
    std::cerr << "bench_server was built without costrix::ops: RESTinio is missing\n";
    std::exit(2);
}
#endif

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--compiler") {
        std::cout << COSTRIX_COMPILER << '\n';
        return 0;
    }
    if (argc == 2 && std::string_view(argv[1]) == "--versions") {
        std::cout << versions() << '\n';
        return 0;
    }
    if (argc == 2 && std::string_view(argv[1]) == "--has-ops") {
#ifdef COSTRIX_BENCH_OPS
        return 0;
#else
        return 1;
#endif
    }
    const std::string_view mode = argc == 5 ? argv[3] : "--threads";
    const std::string_view value = argc == 5 ? argv[4] : "1";
    if ((argc != 3 && argc != 5) || std::string_view(argv[1]) != "--port" ||
        (mode != "--threads" && mode != "--guest" && mode != "--observer")) {
        std::cerr << "usage: bench_server --port PORT [--threads N | --guest one|many | --observer "
                     "counting|ops|ops-thread] | --compiler | --versions | --has-ops\n";
        return 2;
    }
    spdlog::set_level(spdlog::level::warn);
    agi::FastAGIServerOptions options{
        .interface = "127.0.0.1",
        .port = static_cast<std::uint16_t>(std::atoi(argv[2])),
        .handle_signals = true};
    if (mode == "--observer" && value.starts_with("ops")) {
        run_with_ops(options, value == "ops-thread");
    } else if (mode == "--observer") {  // counts without locks, so on one thread
        options.observer = std::make_shared<CountingObserver>();
        run(options, 1);
    } else if (mode == "--guest")
        run_as_guest(options, value == "one" ? agi::Threads::one : agi::Threads::many);
    else
        run(options, static_cast<std::size_t>(std::atoi(value.data())));
}
