// SPDX-License-Identifier: MIT
// What came of a load, for people at a terminal, and the remarks that all reports make.
#include "tool/formatting.hpp"
#include "tool/load/load_options.hpp"
#include "tool/scenario_options.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <utility>

namespace costrix::tool {
namespace {

constexpr std::size_t kLabel = 16;
constexpr std::size_t kColumn = 11;

double per_second(std::uint64_t count, std::chrono::nanoseconds time) {
    return time > std::chrono::nanoseconds{} ? static_cast<double>(count) / seconds(time) : 0;
}

std::string right(const std::string& text, std::size_t columns) {
    return fmt::format("{:>{}}", text, columns);
}

std::string row(const std::string& label, const Histogram<7>& histogram) {
    std::string line = "  " + fitted(label, kLabel);
    if (histogram.count() == 0)
        return line + right("-", kColumn) + "\n";
    for (const double share : {0.5, 0.9, 0.99, 0.999})
        line += right(short_duration(histogram.quantile(share)), kColumn);
    return line + right(short_duration(histogram.max()), kColumn) + "\n";
}

std::string audio_line(const LoadResult& result) {
    return fmt::format(
        "  {} with {} from the script, {} missing\n",
        counted(result.audio_lines, "audio line"),
        counted(result.frame_late.count(), "frame"),
        grouped(result.frames_missing)
    );
}

}  // namespace

std::string listed(const std::map<std::string, std::uint64_t>& counts, const char* none) {
    std::string text;
    for (const auto& [kind, count] : counts)
        text += (text.empty() ? "" : ", ") + grouped(count) + " " + kind;
    return text.empty() ? none : text;
}

double calls_per_second(const LoadOptions& options, const LoadResult& result) {
    return options.rate > 0 ? per_second(result.begun, result.begun_in)
                            : per_second(result.ended, result.took);
}

std::string load_pace(const LoadOptions& options, const LoadResult& result) {
    const auto rest = fmt::format(
        "{:.1f} calls/s, {:.1f} commands/s, at most {} at once",
        calls_per_second(options, result),
        per_second(result.commands, result.took),
        grouped(result.max_at_once)
    );
    if (options.rate == 0)
        return fmt::format(
            "{} in {} s: {}", counted(result.ended, "call"), in_seconds(result.took), rest
        );
    return fmt::format(
        "{} begun in {} s, the last ended after {} s: {}",
        counted(result.begun, "call"),
        in_seconds(result.begun_in),
        in_seconds(result.took),
        rest
    );
}

std::vector<std::string> load_remarks(const LoadOptions& options, const LoadResult& result) {
    std::vector<std::string> remarks;
    if (result.is_bottleneck()) {
        remarks.push_back(fmt::format(
            "The generator was the bottleneck: it was busy, or waiting for a core, {:.0f} % of "
            "the time. The figures show its limit, not the server's: lower --rate, or use a "
            "machine of its own.",
            result.busy * 100
        ));
    }
    const auto in_use =
        fmt::format(" because --concurrency {} was used up", grouped(options.max_at_once()));
    if (result.never_made > 0) {
        const auto* const were = result.never_made == 1 ? "was" : "were";
        remarks.push_back(fmt::format(
            "{} {} due and never made{}.", counted(result.never_made, "call"), were, in_use
        ));
    }
    if (result.held_back > 0) {
        remarks.push_back(fmt::format(
            "{} began late{}; latencies count from when they were due.",
            counted(result.held_back, "call"),
            in_use
        ));
    }
    if (result.late > result.held_back) {
        remarks.push_back(
            counted(result.late - result.held_back, "call") +
            " began more than 10 ms late: the generator did not keep up."
        );
    }
    if (options.rate == 0) {
        remarks.emplace_back(
            "Without --rate, a call begins when another ends: a server that stalls gets fewer "
            "calls, and its latencies look better than callers would find them."
        );
    }
    for (const auto& [what, count] : result.lacking)
        remarks.push_back(counted(count, "time") + ": " + describe_lack(what));
    for (const auto& prompt : result.unheard)
        remarks.push_back("The sound " + prompt + " of --press never started.");
    if (result.unreachable)
        remarks.emplace_back("No call was connected, so the load ended.");
    if (result.interrupted)
        remarks.emplace_back("Interrupted: not all calls were made.");
    return remarks;
}

std::string load_text(const LoadOptions& options, const LoadResult& result) {
    auto text = fmt::format(
        "{}\n  {}\n  AGISTATUS: {}\n  errors: {}\n",
        options.url.text,
        load_pace(options, result),
        listed(result.statuses, "no call ended in order"),
        listed(result.errors, "none")
    );
    if (!result.refused.empty())
        text += fmt::format("  commands refused: {}\n", listed(result.refused, "none"));
    text += fmt::format("\n{:{}}", "", kLabel + 2);
    for (const char* heading : {"median", "90 %", "99 %", "99.9 %", "longest"})
        text += right(heading, kColumn);
    text += "\n" + row("first command", result.first_command);
    text += row("next command", result.turnaround);
    text += row("whole call", result.call);
    if (result.audio_lines > 0)
        text += row("frame late by", result.frame_late) + audio_line(result);
    for (const auto& remark : load_remarks(options, result))
        text += "\n" + remark + "\n";
    return text;
}

}  // namespace costrix::tool
