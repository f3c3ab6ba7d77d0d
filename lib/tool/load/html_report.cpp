// SPDX-License-Identifier: MIT
// What came of a load, as a page with plots that needs no other file and no script.
#include "tool/formatting.hpp"
#include "tool/load/load_options.hpp"
#include "tool/load/plot.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1f2328; --dim: #6b7280; --grid: #e5e7eb;
  --bar: #3b82f6; --second: #d97706; --bad: #dc2626; --page: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --dim: #9ca3af; --grid: #374151;
  --bar: #60a5fa; --second: #fbbf24; --bad: #f87171; --page: #111827; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; margin-bottom: 0; } h2 { font-size: 1.05em; margin: 1.6em 0 .2em; }
p { margin: .3em 0; } .dim { color: var(--dim); } .remark { border-left: 4px solid var(--second);
  padding-left: .8em; margin: .8em 0; }
table { border-collapse: collapse; } td, th { padding: .15em 1.2em .15em 0; text-align: right;
  font-variant-numeric: tabular-nums; } td:first-child, th:first-child { text-align: left; }
th { font-weight: 500; color: var(--dim); }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; } svg text { fill: var(--dim); }
.grid { stroke: var(--grid); } .axis { stroke: var(--dim); }
.mark { stroke: var(--dim); stroke-dasharray: 3 3; }
.bar { fill: var(--bar); } .bad { fill: var(--bad); }
.first, .second { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.first { stroke: var(--bar); } .second { stroke: var(--second); }
.key-first { color: var(--bar); } .key-second { color: var(--second); } .key-bad { color: var(--bad); }
)";

std::string duration_label(double value) {
    return short_duration(nanoseconds(std::llround(value * 1e9)));
}

std::string number_label(double value) {
    return value >= 10 || value == std::floor(value)
               ? grouped(static_cast<unsigned long long>(std::llround(value)))
               : fixed(value, 1);
}

std::string seconds_label(double value) {
    return value == std::floor(value) ? fixed(value, 0) + " s" : fixed(value, 1) + " s";
}

// ---------------------------------------------------------------- latencies

/// Sixty bars of equal width on a logarithmic axis.
std::string histogram_plot(const Histogram<7>& histogram) {
    constexpr std::size_t bars = 60;
    if (histogram.count() == 0)
        return "<p class=\"dim\">Nothing was measured.</p>\n";
    const double min = std::max(seconds(histogram.min()), 1e-7) * 0.9;
    const double max = std::max(seconds(histogram.max()), min) * 1.1;
    std::array<std::uint64_t, bars> counts{};
    for (std::size_t i = 0; i < Histogram<7>::kBuckets; ++i) {
        if (histogram.bucket(i) == 0)
            continue;
        const double middle =
            static_cast<double>(Histogram<7>::lower_bound(i) + Histogram<7>::lower_bound(i + 1)) /
            2e9;
        const double share = std::log(std::max(middle, min) / min) / std::log(max / min);
        counts[std::min(bars - 1, static_cast<std::size_t>(share * bars))] += histogram.bucket(i);
    }
    const auto highest = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
    Plot plot({min, max, true, duration_label}, {0, highest * 1.05, false, number_label});
    const double step = std::pow(max / min, 1.0 / bars);
    double begin = min;
    for (const auto count : counts) {
        if (count > 0) {
            const auto hint = fmt::format(
                "{} to {}: {}", duration_label(begin), duration_label(begin * step), grouped(count)
            );
            plot.bar(begin, begin * step, static_cast<double>(count), "bar", hint);
        }
        begin *= step;
    }
    for (const auto& [share, word] : {std::pair{0.5, "median"}, {0.99, "99 %"}})
        plot.mark(seconds(histogram.quantile(share)), word);
    return plot.svg();
}

std::string latency_row(const char* name, const char* meaning, const Histogram<7>& histogram) {
    auto row = fmt::format(R"(<tr><td>{} <span class="dim">{}</span></td>)", name, meaning);
    for (const double share : {0.5, 0.9, 0.99, 0.999})
        row += fmt::format("<td>{}</td>", short_duration(histogram.quantile(share)));
    return row + fmt::format("<td>{}</td></tr>\n", short_duration(histogram.max()));
}

// ---------------------------------------------------------------- timeline

/// A point for each interval; the last one, which was cut short, is left out when there are others.
template <class Value>
std::vector<Plot::Point> points(const LoadResult& result, Value value) {
    std::vector<Plot::Point> found;
    const auto whole = std::max<std::size_t>(result.timeline.size(), 2) - 1;
    for (std::size_t i = 0; i < std::min(whole, result.timeline.size()); ++i) {
        const double middle = seconds(result.interval) * (static_cast<double>(i) + 0.5);
        found.emplace_back(middle, value(result.timeline[i]));
    }
    return found;
}

double highest(const std::vector<Plot::Point>& points) {
    double max = 0;
    for (const auto& point : points)
        max = std::max(max, point.second);
    return max;
}

std::string throughput_plot(const LoadResult& result) {
    const double per_second = 1 / seconds(result.interval);
    const auto rate = [per_second](std::uint64_t count) {
        return static_cast<double>(count) * per_second;
    };
    const auto ended = points(result, [&](const LoadInterval& part) { return rate(part.ended); });
    const auto errors = points(result, [&](const LoadInterval& part) { return rate(part.errors); });
    Plot plot(
        {0, seconds(result.took), false, seconds_label},
        {0, std::max(highest(ended), highest(errors)) * 1.1, false, number_label}
    );
    const double half = seconds(result.interval) / 2;
    for (const auto& [x, y] : errors) {
        if (y > 0)
            plot.bar(x - half, x + half, y, "bad", number_label(y) + " errors/s");
    }
    plot.line(ended, "first");
    return plot.svg();
}

std::string latency_timeline(const LoadResult& result) {
    const auto quantile = [&](double share) {
        auto found = points(result, [share](const LoadInterval& part) {
            return seconds(part.turnaround.quantile(share));
        });
        std::erase_if(found, [](const Plot::Point& point) { return point.second == 0; });
        return found;
    };
    const auto median = quantile(0.5), slow = quantile(0.99);
    Plot plot(
        {0, seconds(result.took), false, seconds_label},
        {0, highest(slow) * 1.1, false, duration_label}
    );
    plot.line(slow, "second");
    plot.line(median, "first");
    return plot.svg();
}

std::string at_once_plot(const LoadResult& result) {
    const auto open = points(result, [](const LoadInterval& part) {
        return static_cast<double>(part.max_at_once);
    });
    Plot plot(
        {0, seconds(result.took), false, seconds_label},
        {0, highest(open) * 1.1, false, number_label}
    );
    plot.line(open, "first");
    return plot.svg();
}

// ---------------------------------------------------------------- the page

std::string counts(const std::map<std::string, std::uint64_t>& counted, const char* none) {
    return escape_markup(listed(counted, none));
}

std::string summary(const LoadOptions& options, const LoadResult& result) {
    const auto pace =
        options.rate > 0 ? number_label(options.rate) + " calls per second" : "as fast as it goes";
    const auto limit = options.max_at_once() == SIZE_MAX
                           ? std::string()
                           : fmt::format(", at most {} at once", grouped(options.max_at_once()));
    constexpr auto form = R"(<p class="dim">{}, {}{}</p>
<p>{}</p>
<p>AGISTATUS: {}</p>
<p>Errors: {}</p>
)";
    auto text = fmt::format(
        form,
        escape_markup(options.url.text),
        pace,
        limit,
        load_pace(options, result),
        counts(result.statuses, "no call ended in order"),
        counts(result.errors, "none")
    );
    if (!result.refused.empty())
        text += fmt::format("<p>Commands refused: {}</p>\n", counts(result.refused, "none"));
    for (const auto& remark : load_remarks(options, result))
        text += fmt::format("<p class=\"remark\">{}</p>\n", escape_markup(remark));
    return text;
}

constexpr const char* kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Load on {url}</title>
<style>{style}</style>
</head>
<body>
<h1>Load test</h1>
{summary}<h2>Latencies</h2>
<table>
<tr><th></th><th>median</th><th>90 %</th><th>99 %</th><th>99.9 %</th><th>longest</th></tr>
{latencies}</table>
<h2>Next command: how many took how long</h2>
{next_command}<h2>First command: how many took how long</h2>
{first_command}<h2>Over time: <span class="key-first">calls ended</span> and
<span class="key-bad">errors</span>, per second</h2>
{throughput}<h2>Over time: next command, <span class="key-first">median</span> and
<span class="key-second">99 %</span></h2>
{latency}<h2>Over time: calls at once</h2>
{at_once}<p class="dim">Made by costrix load.</p>
</body>
</html>
)";

}  // namespace

std::string load_html(const LoadOptions& options, const LoadResult& result) {
    using fmt::arg;
    return fmt::format(
        fmt::runtime(kPage),
        arg("url", escape_markup(options.url.text)),
        arg("style", kStyle),
        arg("summary", summary(options, result)),
        arg("latencies",
            latency_row("first command", "since the call was due", result.first_command) +
                latency_row("next command", "since the reply before it", result.turnaround) +
                latency_row("whole call", "since it was due", result.call)),
        arg("next_command", histogram_plot(result.turnaround)),
        arg("first_command", histogram_plot(result.first_command)),
        arg("throughput", throughput_plot(result)),
        arg("latency", latency_timeline(result)),
        arg("at_once", at_once_plot(result))
    );
}

}  // namespace costrix::tool
