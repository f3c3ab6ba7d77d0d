// SPDX-License-Identifier: MIT
// Draws the phone: state in, lines of text with colours out.
#include "tool/call/phone_screen.hpp"

#include "tool/call/key_commands.hpp"
#include "tool/formatting.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;
using Lines = std::vector<std::string>;

constexpr std::string_view kTitle = "7";  // reverse
constexpr std::string_view kBold = "1";
constexpr std::string_view kDim = "2";
constexpr std::string_view kGood = "32";    // green
constexpr std::string_view kBad = "31";     // red
constexpr std::string_view kSound = "36";   // cyan
constexpr std::string_view kLit = "30;43";  // black on yellow

constexpr std::size_t kKeypadColumns = 17;
constexpr std::size_t kMinRowsWithKeypad = 18;

std::string minutes(nanoseconds span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
    return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
}

std::string title(const PhoneView& view, std::size_t columns) {
    const auto time = minutes(view.now) + " ";
    const auto left = columns - std::min(columns, time.size());
    return styled(kTitle, fitted(fitted(" costrix call  " + view.url, left) + time, columns));
}

Lines keypad(std::optional<char> lit) {
    constexpr std::array<std::string_view, 4> rows{"123", "456", "789", "*0#"};
    Lines lines{"  ┌───┬───┬───┐  "};
    for (const auto& row : rows) {
        if (lines.size() > 1)
            lines.emplace_back("  ├───┼───┼───┤  ");
        std::string line("  │");
        for (const char key : row) {
            const auto cell = std::string(" ") + key + " ";
            line += (key == lit ? styled(kLit, cell) : cell) + "│";
        }
        lines.push_back(line + "  ");
    }
    lines.emplace_back("  └───┴───┴───┘  ");
    return lines;
}

std::string state_line(const PhoneView& view, std::size_t columns) {
    std::string_view style = kGood;
    std::string text = "● in call";
    if (view.hung_up || !view.ended.empty()) {
        style = kBad;
        text = view.hung_up ? "✕ hung up" : "✕ over";
    } else if (!view.answered) {
        style = kDim;
        text = "○ not answered yet";
    }
    const auto used = width(text);
    return styled(style, text) +
           fitted("   " + printable(view.parties), columns - std::min(columns, used));
}

/// A sound's name, and how far it has come.
Lines sound_lines(const PhoneView& view, std::size_t columns) {
    const auto sound = view.state.sound(view.now);
    if (!sound)
        return {"", ""};
    const auto played = view.now - sound->begun;
    const auto label =
        fmt::format("  {} of {} s", in_seconds(played, 1), in_seconds(sound->length, 1));
    const auto bar = std::min<std::size_t>(30, columns - std::min(columns, label.size()));
    const double share = std::chrono::duration<double>(played) / sound->length;
    const auto full = std::min(bar, static_cast<std::size_t>(share * static_cast<double>(bar)));
    std::string drawn;
    for (std::size_t i = 0; i < bar; ++i)
        drawn += i < full ? "█" : "░";
    return {
        styled(kSound, fitted("♪ " + printable(sound->name), columns)),
        styled(kSound, drawn) + fitted(label, columns - bar)};
}

std::string command_line(const PhoneView& view, std::size_t columns) {
    if (!view.ended.empty())
        return styled(kBold, fitted(view.ended, columns));
    const auto& command = view.state.command();
    if (command.empty()) {
        const auto passed = in_seconds(view.now - view.state.since(), 1);
        return styled(
            kDim, fitted(fmt::format("the script is at work, for {} s", passed), columns)
        );
    }
    const auto wait = describe_wait(command);
    return fitted(wait.empty() ? "runs " + printable(command) : wait, columns);
}

/// A bar from -60 dB to 0.
std::string meter(std::string_view whose, double level) {
    constexpr int kCells = 12;
    constexpr double kQuietest = -60;
    const auto full = std::clamp(static_cast<int>((1 - level / kQuietest) * kCells), 0, kCells);
    std::string bar(whose);
    bar += ' ';
    for (int i = 0; i < kCells; ++i)
        bar += i < full ? "▮" : "▯";
    return bar;
}

std::string level_line(const PhoneView& view, std::size_t columns) {
    if (!view.levels)
        return "";
    const auto text =
        meter("caller", view.levels->caller) + "   " + meter("script", view.levels->script);
    return styled(kSound, fitted(text, columns));
}

/// What stands beside the keypad.
Lines status(const PhoneView& view, std::size_t columns) {
    const auto sound = sound_lines(view, columns);
    const auto& keys = view.state.keys();
    const auto shown = keys.substr(keys.size() - std::min<std::size_t>(keys.size(), 30));
    return {
        "",
        state_line(view, columns),
        "",
        sound[0],
        sound[1],
        command_line(view, columns),
        level_line(view, columns),
        styled(kDim, "pressed ") + fitted(shown.empty() ? "nothing yet" : shown, columns - 8)};
}

Lines entries(const PhoneView& view) {
    Lines lines;
    if (view.panel == PhonePanel::variables) {
        for (const auto& [name, value] : view.variables)
            lines.push_back("  " + printable(name) + " = " + printable(value));
        return lines;
    }
    for (const auto& entry : view.state.history()) {
        if (entry.wire != (view.panel == PhonePanel::wire))
            continue;
        lines.push_back(fmt::format("{:>9}  {}", in_seconds(entry.time), entry.text));
    }
    return lines;
}

/// The panel's title and its last entries.
Lines panel(const PhoneView& view, std::size_t rows, ScreenSize size) {
    constexpr std::array<std::string_view, 3> titles{
        "What happened", "The wire", "Channel variables"};
    std::string line = "── " + std::string(titles[static_cast<std::size_t>(view.panel)]) + " ";
    while (width(line) < size.columns)
        line += "─";
    Lines lines{styled(kDim, fitted(line, size.columns))};
    auto all = entries(view);
    const auto room = rows > 1 ? rows - 1 : 0;
    const auto first = all.size() - std::min(all.size(), room);
    for (std::size_t i = first; i < all.size(); ++i)
        lines.push_back(fitted(all[i], size.columns));
    lines.resize(rows);
    return lines;
}

std::string help(const PhoneView& view, std::size_t columns) {
    std::string text =
        " 0-9 * # A-D keys   h hang up   f skip   t text   w wire   v variables   q quit";
    if (view.text)
        text = " text: " + printable(*view.text) + "_   Enter sends   Esc leaves it";
    else if (!view.ended.empty())
        text = " r call again   w wire   v variables   q leave";
    return styled(kTitle, fitted(text, columns));
}

}  // namespace

std::vector<std::string> draw_phone(const PhoneView& view, ScreenSize size) {
    Lines lines{title(view, size.columns)};
    const bool with_keypad = size.rows >= kMinRowsWithKeypad && size.columns > 2 * kKeypadColumns;
    const auto left = with_keypad ? keypad(view.state.lit_key(view.now)) : Lines{};
    const auto beside = std::max<std::size_t>(
        size.columns - std::min(size.columns, with_keypad ? kKeypadColumns : 0), 10
    );
    const auto right = status(view, beside);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i)
        lines.push_back(
            (i < left.size() ? left[i] : "") + (i < right.size() ? right[i] : std::string())
        );
    const auto used = lines.size() + 1;
    for (auto& line : panel(view, size.rows - std::min(size.rows, used), size))
        lines.push_back(std::move(line));
    lines.resize(size.rows > 0 ? size.rows - 1 : 0);
    lines.push_back(help(view, size.columns));
    return lines;
}

}  // namespace costrix::tool
