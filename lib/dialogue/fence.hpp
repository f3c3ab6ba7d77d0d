// SPDX-License-Identifier: MIT
// The command whose echo proves that a cancelled prompt has stopped.
#pragma once

#include "protocol/own_commands.hpp"

#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The fences of a session, numbered.
///
/// A fence that reaches Asterisk in one packet with its prompt stops nothing, and lies in a buffer
/// until more bytes come (transcript `pipelined`). So more of them are sent, at growing intervals,
/// until the last one's echo is there; the earlier ones are answered first.
class Fence {
public:
    /// For another prompt.
    void restart() noexcept { wait_ = {}; }

    /// The next fence's line.
    std::string next_line(Deadline now) {
        wait_ = wait_.count() == 0 ? kFirstWait : std::min(2 * wait_, kLastWait);
        due_ = now + wait_;
        const auto number = std::to_string(++number_);
        return std::string(kFence).append(number) + "\"\n";
    }
    /// When to send the next one.
    Deadline due() const noexcept { return due_; }

    enum class Echo : std::uint8_t { none, earlier, last };

    /// Whether a reply is the echo of a fence.
    Echo echo_of(const Reply& reply) const noexcept {
        const auto value = reply.value();
        if (!value || !value->starts_with(kFenceEcho))
            return Echo::none;
        std::uint32_t number = 0;
        const auto end = value->data() + value->size();
        const auto parsed = std::from_chars(value->data() + kFenceEcho.size(), end, number);
        if (parsed.ec != std::errc{} || parsed.ptr != end || number == 0)
            return Echo::none;
        return number == number_ ? Echo::last : Echo::earlier;
    }

private:
    using Wait = std::chrono::duration<std::int32_t, std::milli>;
    static constexpr Wait kFirstWait{100};
    static constexpr Wait kLastWait{10'000};

    Deadline due_ = Deadline::max();
    Wait wait_{};
    std::uint32_t number_ = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
