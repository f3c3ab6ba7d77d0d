// SPDX-License-Identifier: MIT
// What came of a load, for people at a terminal, and the remarks that all reports make.
#include "tool/formatting.hpp"
#include "tool/load/load_options.hpp"
#include "tool/scenario_options.hpp"

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
    return std::string(columns - std::min(columns, width(text)), ' ') + text;
}

std::string row(const std::string& label, const Histogram<7>& histogram) {
    std::string line = "  " + fitted(label, kLabel);
    if (histogram.count() == 0)
        return line + right("-", kColumn) + "\n";
    for (const double share : {0.5, 0.9, 0.99, 0.999})
        line += right(short_duration(histogram.quantile(share)), kColumn);
    return line + right(short_duration(histogram.max()), kColumn) + "\n";
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
    const auto rest = fixed(calls_per_second(options, result), 1) + " calls/s, " +
                      fixed(per_second(result.commands, result.took), 1) + " commands/s, at most " +
                      grouped(result.most_at_once) + " at once";
    if (options.rate == 0)
        return counted(result.ended, "call") + " in " + in_seconds(result.took) + " s: " + rest;
    return counted(result.begun, "call") + " begun in " + in_seconds(result.begun_in) +
           " s, the last ended after " + in_seconds(result.took) + " s: " + rest;
}

std::vector<std::string> load_remarks(const LoadOptions& options, const LoadResult& result) {
    std::vector<std::string> remarks;
    if (result.is_bottleneck()) {
        remarks.push_back(
            "The generator was the bottleneck: it was busy, or waited for a core, for " +
            fixed(result.busy * 100, 0) +
            " % of the time. The figures are its own limit, not the server's: give it a lower "
            "--rate, or a machine of its own."
        );
    }
    const auto in_use =
        " because all of --concurrency " + grouped(options.places()) + " were in use";
    if (result.never_made > 0) {
        remarks.push_back(
            counted(result.never_made, "call") + (result.never_made == 1 ? " was" : " were") +
            " due and never made" + in_use + "."
        );
    }
    if (result.held_back > 0) {
        remarks.push_back(
            counted(result.held_back, "call") + " began late" + in_use +
            "; latencies count from when they were due."
        );
    }
    if (result.late > result.held_back) {
        remarks.push_back(
            counted(result.late - result.held_back, "call") +
            " began more than 10 ms late: the generator did not keep up."
        );
    }
    if (options.rate == 0) {
        remarks.emplace_back(
            "Without --rate a new call begins when one has ended: a server that stalls is called "
            "less, and its latencies look better than callers would find them."
        );
    }
    for (const auto& [what, count] : result.lacking)
        remarks.push_back(counted(count, "time") + ": " + describe_lack(what));
    for (const auto& prompt : result.unheard)
        remarks.push_back("The sound " + prompt + " of --press never began.");
    if (result.unreachable)
        remarks.emplace_back("No call was connected: the load was given up.");
    if (result.interrupted)
        remarks.emplace_back("Interrupted: not all calls were made.");
    return remarks;
}

std::string load_text(const LoadOptions& options, const LoadResult& result) {
    std::string text = options.url.text + "\n";
    text += "  " + load_pace(options, result) + "\n";
    text += "  AGISTATUS: " + listed(result.statuses, "no call ended in order") + "\n";
    text += "  errors: " + listed(result.errors, "none") + "\n";
    if (!result.refused.empty())
        text += "  commands refused: " + listed(result.refused, "none") + "\n";
    text += "\n  " + std::string(kLabel, ' ');
    for (const char* heading : {"median", "90 %", "99 %", "99.9 %", "longest"})
        text += right(heading, kColumn);
    text += "\n" + row("first command", result.first_command);
    text += row("next command", result.turnaround);
    text += row("whole call", result.call);
    for (const auto& remark : load_remarks(options, result))
        text += "\n" + remark + "\n";
    return text;
}

}  // namespace costrix::tool
