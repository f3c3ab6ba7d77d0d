// SPDX-License-Identifier: MIT
// A recorded session as a sequence diagram in SVG.
#include "tool/formatting.hpp"
#include "tool/recording/recorded_steps.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace costrix::tool {
namespace {

constexpr int kDiagramWidth = 960, kDiagramRow = 26, kDiagramTop = 74;
// Where the lifelines of caller, Asterisk and script are.
constexpr std::array<int, 3> kLifelines{130, 360, 900};
constexpr std::array<const char*, 3> kNames{"caller", "Asterisk", "script"};

constexpr const char* kStyle = R"(<style>
svg { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; background: #fff; }
text { fill: #1f2328; } .dim { fill: #6b7280; } .life { stroke: #9ca3af; stroke-dasharray: 4 4; }
.box { fill: #eff6ff; stroke: #3b82f6; } .arrow { stroke: #374151; } .key { stroke: #d97706; }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"
orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#374151"/></marker></defs>
)";

int lifeline(Party party) {
    return kLifelines[static_cast<std::size_t>(party)];
}

std::string words(int x, int y, const char* anchor, const char* style, const std::string& text) {
    constexpr auto form = R"(<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>
)";
    return fmt::format(form, x, y, anchor, style, escape_markup(text));
}

/// As much of the text as there is room for; all of it shows when it is pointed at.
std::string label(int middle, int y, std::size_t room, const std::string& text) {
    auto shown = fitted(text, std::min(room, width(text)));
    auto drawn = words(middle, y, "middle", "", shown);
    if (shown != text)
        drawn.insert(drawn.find("</text>"), "<title>" + escape_markup(text) + "</title>");
    return drawn;
}

std::string arrow(const Step& step, int y) {
    const int from = lifeline(step.from), to = lifeline(step.to);
    constexpr int columns_wide = 8;  // of one character
    const auto room = static_cast<std::size_t>(std::abs(to - from) / columns_wide - 2);
    constexpr auto form =
        R"svg(<line x1="{0}" y1="{1}" x2="{2}" y2="{1}" class="{3}" marker-end="url(#head)"/>
)svg";
    const auto* const style = step.from == Party::caller ? "key" : "arrow";
    return fmt::format(form, from, y, to, style) +
           label((from + to) / 2, y - 5, room, printable(step.text));
}

std::string lifelines(int bottom) {
    std::string drawn;
    for (std::size_t i = 0; i < kLifelines.size(); ++i) {
        const int x = kLifelines[i];
        constexpr auto form = R"(<line x1="{0}" y1="56" x2="{0}" y2="{1}" class="life"/>
<rect x="{2}" y="32" width="100" height="24" rx="4" class="box"/>
)";
        drawn += fmt::format(form, x, bottom, x - 50) + words(x, 49, "middle", "", kNames[i]);
    }
    return drawn;
}

}  // namespace

std::string conversation_svg(const testing::Transcript& transcript) {
    const auto steps = conversation(transcript);
    std::string drawn;
    int y = kDiagramTop;
    std::string shown_time;
    for (const auto& step : steps) {
        y += kDiagramRow;
        if (step.remark) {
            drawn +=
                words(lifeline(Party::asterisk) + 12, y - 5, "start", "dim", printable(step.text));
            continue;
        }
        if (const auto time = in_seconds(step.time); time != shown_time) {
            drawn += words(64, y, "end", "dim", time + " s");
            shown_time = time;
        }
        drawn += arrow(step, y);
    }
    const int height = y + kDiagramRow;
    constexpr auto form = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}"
width="{0}" height="{1}">
{2}{3}{4}{5}</svg>
)";
    return fmt::format(
        form,
        kDiagramWidth,
        height,
        kStyle,
        words(16, 20, "start", "dim", printable(describe_call(transcript))),
        lifelines(height - 8),
        drawn
    );
}

}  // namespace costrix::tool
