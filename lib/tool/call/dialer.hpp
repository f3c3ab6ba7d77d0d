// SPDX-License-Identifier: MIT
// A caller who presses given keys, one after the other, whenever the script listens for keys.
#pragma once

#include <costrix/testing/event.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace costrix::tool {

/// Presses the keys of `--digits`: the first of a prompt after a time to think, then at a pace.
class Dialer {
public:
    Dialer(std::string keys, std::chrono::nanoseconds think);

    /// To be called with each event of the call.
    void observe(const testing::Event& event);
    /// When the next key is due, in virtual time; nullopt when nothing listens or none is left.
    std::optional<std::chrono::nanoseconds> due() const noexcept { return due_; }
    /// Presses what is due by now, each key at its time.
    void press_due(testing::FakeAsterisk& asterisk, std::chrono::nanoseconds now);
    /// The keys that nothing has listened for yet.
    const std::string& left() const noexcept { return keys_; }

private:
    std::string keys_;
    std::chrono::nanoseconds think_;
    std::optional<std::chrono::nanoseconds> due_;
};

}  // namespace costrix::tool
