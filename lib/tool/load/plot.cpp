// SPDX-License-Identifier: MIT
// A plot with two axes, drawn as SVG.
#include "tool/load/plot.hpp"

#include "tool/formatting.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace costrix::tool {
namespace {

constexpr double kWidth = 860, kHeight = 240;
constexpr double kLeft = 70, kRight = 16, kTop = 14, kBottom = 30;

/// Where a value lies on its axis, 0 to 1.
double share(const Axis& axis, double value) {
    if (!axis.logarithmic)
        return (value - axis.min) / (axis.max - axis.min);
    return std::log(std::max(value, axis.min) / axis.min) / std::log(axis.max / axis.min);
}

/// The values that get a tick: powers of ten, or multiples of 1, 2 or 5 of one.
std::vector<double> ticks(const Axis& axis) {
    std::vector<double> found;
    if (axis.logarithmic) {
        const bool few = axis.max / axis.min < 100;
        for (double power = std::pow(10, std::floor(std::log10(axis.min))); power <= axis.max;
             power *= 10) {
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double value = power * factor;
                if (value >= axis.min && value <= axis.max && (few || factor == 1))
                    found.push_back(value);
            }
        }
        return found;
    }
    const double rough = (axis.max - axis.min) / 5;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = power;
    for (const double factor : {2.0, 5.0, 10.0}) {
        if (step < rough)
            step = power * factor;
    }
    for (double value = std::ceil(axis.min / step) * step; value <= axis.max + step * 1e-6;
         value += step)
        found.push_back(value);
    return found;
}

std::string text(double x, double y, std::string_view anchor, std::string_view content) {
    constexpr auto form = R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>
)";
    return fmt::format(form, x, y, anchor, escape_markup(content));
}

std::string straight(double x1, double y1, double x2, double y2, std::string_view style) {
    constexpr auto form =
        R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>
)";
    return fmt::format(form, x1, y1, x2, y2, style);
}

}  // namespace

Plot::Plot(Axis x, Axis y) : x_(std::move(x)), y_(std::move(y)) {
    // An axis without a length has nothing to show, but must not divide by it.
    for (auto* axis : {&x_, &y_}) {
        if (!(axis->max > axis->min))
            axis->max = axis->min + (axis->logarithmic ? axis->min : 1);
    }
}

double Plot::left(double x) const {
    return kLeft + share(x_, x) * (kWidth - kLeft - kRight);
}

double Plot::top(double y) const {
    return kHeight - kBottom - share(y_, y) * (kHeight - kTop - kBottom);
}

void Plot::bar(double x0, double x1, double y, std::string_view style, std::string_view hint) {
    const double width = std::max(left(x1) - left(x0) - 0.5, 0.5);
    constexpr auto form =
        R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">)"
        "<title>{}</title></rect>\n";
    content_ +=
        fmt::format(form, left(x0), top(y), width, top(0) - top(y), style, escape_markup(hint));
}

void Plot::line(const std::vector<Point>& points, std::string_view style) {
    content_ += fmt::format(R"(<polyline class="{}" points=")", style);
    for (const auto& [x, y] : points)
        content_ += fmt::format("{:.1f},{:.1f} ", left(x), top(y));
    content_ += "\"/>\n";
}

void Plot::mark(double x, std::string_view word) {
    content_ += straight(left(x), kTop, left(x), top(y_.min), "mark");
    const bool beyond = left(x) > kWidth - 90;
    content_ += text(left(x) + (beyond ? -4 : 4), kTop + 8, beyond ? "end" : "start", word);
}

std::string Plot::svg() const {
    constexpr auto form = R"(<svg viewBox="0 0 {} {}" role="img">
)";
    std::string drawn = fmt::format(form, kWidth, kHeight);
    for (const double value : ticks(y_)) {
        drawn += straight(kLeft, top(value), kWidth - kRight, top(value), "grid");
        drawn += text(kLeft - 6, top(value) + 4, "end", y_.label(value));
    }
    for (const double value : ticks(x_)) {
        drawn +=
            straight(left(value), kHeight - kBottom, left(value), kHeight - kBottom + 4, "axis");
        drawn += text(left(value), kHeight - kBottom + 17, "middle", x_.label(value));
    }
    drawn += content_;
    drawn += straight(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "axis");
    return drawn + "</svg>\n";
}

}  // namespace costrix::tool
