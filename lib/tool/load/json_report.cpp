// SPDX-License-Identifier: MIT
// What came of a load, for programs.
#include "tool/json.hpp"
#include "tool/load/load_options.hpp"

namespace costrix::tool {
namespace {

/// In seconds; and the buckets that hold something, by where they end.
Json to_json(const Histogram<7>& histogram) {
    Json json;
    json["count"] = histogram.count();
    json["min"] = seconds(histogram.min());
    json["mean"] = seconds(histogram.mean());
    for (const auto& [label, share] :
         {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"p9999", 0.9999}})
        json[label] = seconds(histogram.quantile(share));
    json["max"] = seconds(histogram.max());
    auto& buckets = json["buckets"] = Json::array();
    for (std::size_t i = 0; i < Histogram<7>::kBuckets; ++i) {
        if (histogram.bucket(i) == 0)
            continue;
        Json bucket;
        bucket["below"] = static_cast<double>(Histogram<7>::lower_bound(i + 1)) / 1e9;
        bucket["count"] = histogram.bucket(i);
        buckets.push_back(std::move(bucket));
    }
    return json;
}

Json timeline(const LoadResult& result) {
    Json list = Json::array();
    for (std::size_t i = 0; i < result.timeline.size(); ++i) {
        const auto& interval = result.timeline[i];
        Json json;
        json["at"] = seconds(result.interval) * static_cast<double>(i);
        json["calls_begun"] = interval.begun;
        json["calls_ended"] = interval.ended;
        json["commands"] = interval.commands;
        json["errors"] = interval.errors;
        json["most_at_once"] = interval.max_at_once;
        json["next_command_p50"] = seconds(interval.turnaround.quantile(0.5));
        json["next_command_p99"] = seconds(interval.turnaround.quantile(0.99));
        list.push_back(std::move(json));
    }
    return list;
}

}  // namespace

std::string load_json(const LoadOptions& options, const LoadResult& result) {
    const double took = seconds(result.took);
    Json json;
    json["url"] = options.url.text;
    json["rate"] = options.rate;
    json["concurrency"] = options.max_at_once() == SIZE_MAX ? Json() : Json(options.max_at_once());
    json["duration"] = took;
    json["calls_begun"] = result.begun;
    json["calls_ended"] = result.ended;
    json["commands"] = result.commands;
    json["begun_in"] = seconds(result.begun_in);
    json["calls_per_second"] = calls_per_second(options, result);
    json["commands_per_second"] = took > 0 ? static_cast<double>(result.commands) / took : 0;
    json["most_at_once"] = result.max_at_once;
    json["interrupted"] = result.interrupted;
    json["generator_busy"] = result.busy;
    json["generator_is_bottleneck"] = result.is_bottleneck();
    json["calls_never_made"] = result.never_made;
    json["calls_late"] = result.late;
    json["calls_held_back"] = result.held_back;
    json["not_simulated"] = result.lacking;
    json["unheard_prompts"] = result.unheard;
    json["error_count"] = result.error_count();
    json["errors"] = result.errors;
    json["agistatus"] = result.statuses;
    json["refused"] = result.refused;
    json["first_command"] = to_json(result.first_command);
    json["next_command"] = to_json(result.turnaround);
    json["whole_call"] = to_json(result.call);
    json["audio_lines"] = result.audio_lines;
    json["audio_frames_missing"] = result.frames_missing;
    json["audio_frame_late"] = to_json(result.frame_late);
    json["interval"] = seconds(result.interval);
    json["timeline"] = timeline(result);
    return to_text(json);
}

}  // namespace costrix::tool
