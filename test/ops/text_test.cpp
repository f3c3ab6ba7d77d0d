// SPDX-License-Identifier: MIT
// The text formats of metrics, their negotiation, and JSON.
#include "ops/accept.hpp"
#include "ops/exposition.hpp"
#include "ops/json.hpp"

#include <costrix/agi/detail/histogram.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace costrix::ops::detail {
namespace {

using namespace std::chrono_literals;
using agi::detail::bucket_of;
using agi::detail::kBounds;
using agi::detail::kTurnAroundBounds;

std::string sample_page(TextFormat format) {
    Exposition page(format);
    page.gauge("a", "Now.");
    page.sample(std::uint64_t{3});
    page.counter("b", "Ever.");
    const Label label{"how", "x\"y\\z\n\x1b"};
    page.sample(std::uint64_t{4}, {&label, 1});
    page.histogram("c_seconds", "Times.");
    const double bounds[]{0.0001, 1};
    const std::uint64_t counts[]{2, 0, 1};
    page.sample(bounds, counts, 0.25, {"route", "r"});
    return std::move(page).finish();
}

TEST(Exposition, WritesPrometheusText) {
    EXPECT_EQ(
        sample_page(TextFormat::prometheus),
        "# HELP a Now.\n# TYPE a gauge\na 3\n"
        "# HELP b_total Ever.\n# TYPE b_total counter\n"
        "b_total{how=\"x\\\"y\\\\z\\\\x0a\\\\x1b\"} 4\n"
        "# HELP c_seconds Times.\n# TYPE c_seconds histogram\n"
        "c_seconds_bucket{route=\"r\",le=\"0.0001\"} 2\n"
        "c_seconds_bucket{route=\"r\",le=\"1.0\"} 2\n"
        "c_seconds_bucket{route=\"r\",le=\"+Inf\"} 3\n"
        "c_seconds_sum{route=\"r\"} 0.25\nc_seconds_count{route=\"r\"} 3\n"
    );
}

TEST(Exposition, WritesOpenMetrics) {
    const auto page = sample_page(TextFormat::open_metrics);
    EXPECT_NE(page.find("# TYPE b counter\nb_total{"), std::string::npos) << page;
    EXPECT_NE(
        page.find("# TYPE c_seconds histogram\n# UNIT c_seconds seconds\n"), std::string::npos
    ) << page;
    EXPECT_TRUE(page.ends_with("\n# EOF\n"));
}

TEST(Accept, PrefersOpenMetricsForWhoDoes) {
    const std::string prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    EXPECT_EQ(negotiate(prometheus), TextFormat::open_metrics);
    EXPECT_EQ(negotiate("application/openmetrics-text"), TextFormat::open_metrics);
    for (const auto* accept :
         {"",
          "*/*",
          "text/html,*/*;q=0.8",
          "text/plain;version=0.0.4",
          "application/openmetrics-text;version=0.0.1",
          "application/openmetrics-text;version=2.0.0;q=1,text/plain;q=0.1",
          "application/openmetrics-text;q=0",
          "application/openmetrics-text;q=0.3,text/plain;q=0.4",
          "nonsense;;=,"})
        EXPECT_EQ(negotiate(accept), TextFormat::prometheus) << accept;
}

TEST(HistogramTest, CountsEachDurationInItsBucket) {
    EXPECT_EQ(bucket_of<kTurnAroundBounds>(-5ns), 0U);
    EXPECT_EQ(bucket_of<kTurnAroundBounds>(1h), kBounds);
    for (std::size_t i = 0; i < kBounds; ++i) {
        const std::chrono::nanoseconds bound(
            static_cast<std::int64_t>(kTurnAroundBounds[i] * 1e9 + 0.5)
        );
        EXPECT_EQ(bucket_of<kTurnAroundBounds>(bound), i);  // a bound belongs to its bucket
        EXPECT_EQ(bucket_of<kTurnAroundBounds>(bound + 1ns), i + 1);
    }
}

TEST(JsonWriter, WritesMembersAndEscapesTheirTexts) {
    JsonWriter json;
    json.open_object().string("a", "</script>\"\\\n\xff").number("b", 7).open_array("c");
    json.seconds({}, 1.5).seconds({}, 0.0001).close_array().open_array("d").close_array();
    EXPECT_EQ(
        std::move(json.close_object()).finish(),
        R"({"a":"\u003c/script>\"\\\\x0a\\xff","b":7,"c":[1.500,0.000100],"d":[]})"
    );
}

}  // namespace
}  // namespace costrix::ops::detail
