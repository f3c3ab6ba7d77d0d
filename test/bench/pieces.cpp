// SPDX-License-Identifier: MIT
// What the pieces of a command take, one by one: encode, parse, environment, route.
#include <costrix/agi.hpp>

#include <benchmark/benchmark.h>
#include <string>
#include <string_view>
#include <vector>

namespace agi = costrix::agi;

namespace {

constexpr std::string_view kEnvironment =
    "agi_network: yes\nagi_network_script: menu/7/2\n"
    "agi_request: agi://127.0.0.1:4573/menu/7/2\nagi_channel: PJSIP/trunk-0000a1b2\n"
    "agi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1795437951.7\nagi_version: 22.10.1\n"
    "agi_callerid: 5551234\nagi_calleridname: Alice\nagi_callingpres: 0\nagi_callingani2: 0\n"
    "agi_callington: 0\nagi_callingtns: 0\nagi_dnid: 100\nagi_rdnis: unknown\n"
    "agi_context: default\nagi_extension: 100\nagi_priority: 2\nagi_enhanced: 0.0\n"
    "agi_accountcode: \nagi_threadid: 139650487297728\n\n";

void encode(benchmark::State& state) {
    const auto action = agi::StreamFile("welcome").escape_digits("0123456789");
    std::string buffer;
    for (auto _ : state) {
        agi::CommandLine line(agi::CommandLine::kLargeBuffer, std::move(buffer));
        action.encode(line);
        line.finish();
        benchmark::DoNotOptimize(line.text().data());
        buffer = std::move(line).release();
    }
}
BENCHMARK(encode);

void parse_reply(benchmark::State& state) {
    agi::ReplyReader reader(65536);
    for (auto _ : state) {
        std::string_view input = "200 result=0 endpos=12345\n";
        benchmark::DoNotOptimize(reader.next(input));
        benchmark::DoNotOptimize(agi::StreamFile::parse(reader.reply()));
    }
}
BENCHMARK(parse_reply);

/// All at once, and line by line as Asterisk writes it.
void read_environment(benchmark::State& state, bool line_by_line) {
    for (auto _ : state) {
        agi::EnvironmentReader reader;
        for (auto left = kEnvironment; !left.empty();) {
            auto piece = line_by_line ? left.substr(0, left.find('\n') + 1) : left;
            left.remove_prefix(piece.size());
            benchmark::DoNotOptimize(reader.next(piece));
        }
        const auto environment = reader.take();
        benchmark::DoNotOptimize(environment.channel().data());
    }
}
BENCHMARK_CAPTURE(read_environment, at_once, false);
BENCHMARK_CAPTURE(read_environment, line_by_line, true);

/// A look-up among so many patterns, `menu/N/(\d+)` or the same with nothing literal at the start.
void route(benchmark::State& state, bool literal) {
    const auto patterns = static_cast<std::size_t>(state.range(0));
    agi::Router router;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < patterns; ++i) {
        const auto menu = "menu/" + std::to_string(i) + "/";
        paths.push_back(menu + "7");
        router.register_script_handler(
            (literal ? menu : "(?:" + menu + ")") + "(\\d+)",
            [](agi::AGI&, const agi::Request&) -> asio::awaitable<void> { co_return; }
        );
    }
    std::size_t turn = 0;
    for (auto _ : state) {
        auto found = router.get_script_handler(paths[turn++ % patterns]);
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK_CAPTURE(route, literal, true)->Arg(1)->Arg(50)->Arg(1000);
BENCHMARK_CAPTURE(route, any_start, false)->Arg(1)->Arg(50);

}  // namespace

BENCHMARK_MAIN();
