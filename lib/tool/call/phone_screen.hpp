// SPDX-License-Identifier: MIT
// Draws the phone: state in, lines of text with colours out.
#pragma once

#include "tool/call/phone_state.hpp"
#include "tool/terminal.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// What the lower half of the screen shows.
enum class PhonePanel { happenings, wire, variables };

/// All that is on the screen.
struct PhoneView {
    const PhoneState& state;
    const std::map<std::string, std::string>& variables;
    std::string url{};
    std::string parties{};  ///< who calls whom
    std::chrono::nanoseconds now{};
    bool answered = false;
    bool hung_up = false;
    std::optional<testing::AudioLevels> levels{};  ///< while the script is connected to the audio
    std::string ended{};                           ///< how the call ended; empty while it lasts
    PhonePanel panel = PhonePanel::happenings;
    std::optional<std::string> text{};  ///< the text message that is being typed
};

/// The screen's lines, from the top; as many as there are rows, none wider than the columns.
std::vector<std::string> draw_phone(const PhoneView& view, ScreenSize size);

}  // namespace costrix::tool
