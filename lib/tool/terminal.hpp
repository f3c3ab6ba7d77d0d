// SPDX-License-Identifier: MIT
// The terminal as a screen to draw on and a keyboard to read, key by key.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {

/// A screen's size in characters.
struct ScreenSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

/// Takes over the terminal; the destructor restores it.
///
/// Standard input is read key by key, Ctrl-C included; drawing is on the alternate screen.
class Terminal {
public:
    Terminal();
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    static ScreenSize size() noexcept;
    /// Puts these lines on the screen, the first at the top; nothing when it shows them already.
    void draw(const std::vector<std::string>& lines);
    /// The keys typed by now, once standard input is readable; arrows and other keys that send
    /// escape sequences are left out.
    std::string take_keys();
    /// Whether the terminal is gone: there will be no more keys.
    bool gone() const noexcept { return gone_; }

private:
    termios before_{};
    std::string shown_;
    bool gone_ = false;
};

/// The text with colours and the like (an SGR parameter list, such as `1;32`), and plain after it.
std::string styled(std::string_view style, std::string_view text);

/// Standard output or error's number of columns; 80 when it is no terminal.
std::size_t columns_of(int descriptor) noexcept;

}  // namespace costrix::tool
