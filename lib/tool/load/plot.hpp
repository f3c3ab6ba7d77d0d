// SPDX-License-Identifier: MIT
// A plot with two axes, drawn as SVG.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::tool {

/// One axis of a plot: its ends, its scale, and how its ticks are labelled.
struct Axis {
    double min = 0;
    double max = 1;
    bool logarithmic = false;
    std::function<std::string(double)> label;
};

/// Collects what is drawn; colours come from the page's style, by class.
class Plot {
public:
    using Point = std::pair<double, double>;

    Plot(Axis x, Axis y);

    /// A bar from `x0` to `x1`, from 0 to `y`; the hint shows when it is pointed at.
    void bar(double x0, double x1, double y, std::string_view style, std::string_view hint);
    /// A line through these points.
    void line(const std::vector<Point>& points, std::string_view style);
    /// A vertical line over the whole height, with a word beside it.
    void mark(double x, std::string_view text);

    /// The whole picture.
    std::string svg() const;

private:
    double left(double x) const;
    double top(double y) const;

    Axis x_, y_;
    std::string content_;
};

}  // namespace costrix::tool
