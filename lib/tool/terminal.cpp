// SPDX-License-Identifier: MIT
// The terminal as a screen to draw on and a keyboard to read, key by key.
#include "tool/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace costrix::tool {
namespace {

// Alternate screen, no cursor; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
// So that no half-drawn screen is seen, where the terminal knows it.
constexpr std::string_view kBegin = "\x1b[?2026h\x1b[H";
constexpr std::string_view kEnd = "\x1b[J\x1b[?2026l";

void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Removes the escape sequences of arrows and other special keys; keeps a single Escape.
std::string without_sequences(std::string_view typed) {
    constexpr char escape = '\x1b';
    std::string keys;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (typed[i] != escape || i + 1 == typed.size()) {
            keys += typed[i];
            continue;
        }
        const char kind = typed[++i];
        if (kind == 'O')
            ++i;
        while (kind == '[' && ++i < typed.size() && (typed[i] < '@' || typed[i] > '~')) {
        }
    }
    return keys;
}

}  // namespace

Terminal::Terminal() {
    tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    write_all(kEnter);
}

Terminal::~Terminal() {
    write_all(kLeave);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

ScreenSize Terminal::size() noexcept {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {size.ws_col, size.ws_row};
}

void Terminal::draw(const std::vector<std::string>& lines) {
    std::string frame(kBegin);
    for (std::size_t i = 0; i < lines.size(); ++i)
        frame.append(i == 0 ? "" : "\r\n").append(lines[i]).append("\x1b[K");
    frame += kEnd;
    if (frame == shown_)
        return;
    write_all(frame);
    shown_ = std::move(frame);
}

std::string Terminal::take_keys() {
    std::array<char, 256> buffer;
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    gone_ = size == 0 || (size < 0 && errno != EINTR);
    if (size <= 0)
        return {};
    return without_sequences({buffer.data(), static_cast<std::size_t>(size)});
}

std::string styled(std::string_view style, std::string_view text) {
    return std::string("\x1b[").append(style).append("m").append(text).append("\x1b[m");
}

std::size_t columns_of(int descriptor) noexcept {
    winsize size{};
    const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

}  // namespace costrix::tool
