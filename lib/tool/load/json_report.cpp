// SPDX-License-Identifier: MIT
// What came of a load, for programs.
#include "tool/json.hpp"
#include "tool/load/load.hpp"

namespace costrix::tool {
namespace {

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

void write(
    JsonWriter& json,
    std::string_view name,
    const std::map<std::string, std::uint64_t>& counts
) {
    json.key(name).begin_object();
    for (const auto& [kind, count] : counts)
        json.member(kind, count);
    json.end_object();
}

/// In seconds; and the buckets that hold something, by where they end.
void write(JsonWriter& json, std::string_view name, const Histogram<7>& histogram) {
    json.key(name).begin_object();
    json.member("count", histogram.count());
    json.member("min", seconds(histogram.min()));
    json.member("mean", seconds(histogram.mean()));
    for (const auto& [label, share] :
         {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"p9999", 0.9999}})
        json.member(label, seconds(histogram.quantile(share)));
    json.member("max", seconds(histogram.max()));
    json.key("buckets").begin_array();
    for (std::size_t i = 0; i < Histogram<7>::kBuckets; ++i) {
        if (histogram.bucket(i) == 0)
            continue;
        json.begin_object();
        json.member("below", static_cast<double>(Histogram<7>::lower_bound(i + 1)) / 1e9);
        json.member("count", histogram.bucket(i));
        json.end_object();
    }
    json.end_array().end_object();
}

void write_timeline(JsonWriter& json, const LoadResult& result) {
    json.key("timeline").begin_array();
    for (std::size_t i = 0; i < result.timeline.size(); ++i) {
        const auto& interval = result.timeline[i];
        json.begin_object();
        json.member("at", seconds(result.interval) * static_cast<double>(i));
        json.member("calls_begun", interval.begun);
        json.member("calls_ended", interval.ended);
        json.member("commands", interval.commands);
        json.member("errors", interval.errors);
        json.member("most_at_once", interval.most_at_once);
        json.member("next_command_p50", seconds(interval.turnaround.quantile(0.5)));
        json.member("next_command_p99", seconds(interval.turnaround.quantile(0.99)));
        json.end_object();
    }
    json.end_array();
}

}  // namespace

std::string load_json(const LoadOptions& options, const LoadResult& result) {
    const double took = seconds(result.took);
    const auto rate = [took](std::uint64_t count) {
        return took > 0 ? static_cast<double>(count) / took : 0;
    };
    JsonWriter json;
    json.begin_object();
    json.member("url", options.url.text);
    json.member("rate", options.rate);
    json.member("concurrency", options.concurrency);
    json.member("duration", took);
    json.member("calls_begun", result.begun);
    json.member("calls_ended", result.ended);
    json.member("commands", result.commands);
    json.member("calls_per_second", rate(result.ended));
    json.member("commands_per_second", rate(result.commands));
    json.member("most_at_once", result.most_at_once);
    json.member("interrupted", result.interrupted);
    json.member("generator_busy", result.busy);
    json.member("generator_is_bottleneck", result.is_bottleneck());
    json.member("calls_late", result.late);
    json.member("calls_held_back", result.held_back);
    json.member("error_count", result.error_count());
    write(json, "errors", result.errors);
    write(json, "agistatus", result.statuses);
    write(json, "refused", result.refused);
    write(json, "first_command", result.first_command);
    write(json, "next_command", result.turnaround);
    write(json, "whole_call", result.call);
    json.member("interval", seconds(result.interval));
    write_timeline(json, result);
    json.end_object();
    return json.text();
}

}  // namespace costrix::tool
