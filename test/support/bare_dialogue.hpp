// SPDX-License-Identifier: MIT
// A dialogue with nothing around it: no transport, no event loop, no coroutine.
#pragma once

#include "dialogue/dialogue.hpp"

#include <costrix/agi/protocol/command_table.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::test {

/// A command given to a BareDialogue, and how it ended. Lives until then.
struct Command final : agi::detail::Operation {
    using Deadline = agi::detail::Deadline;

    /// `text`: without its LF.
    explicit Command(std::uint64_t number, std::string_view text, Deadline when = Deadline::max())
        : Command(number, std::string(text) + "\n", agi::traits_of_line(text), when) {}
    Command(std::uint64_t number, std::string&& text, agi::CommandTraits command, Deadline when)
        : Operation(std::move(text), command, when) {
        id = number;
    }

    bool done = false;
    agi::detail::End end = agi::detail::End::replied;
    agi::Reply reply;
};

/// The effects of a dialogue, noted down.
class BareDialogue final : private agi::detail::Dialogue::Effects {
public:
    explicit BareDialogue(const agi::detail::SessionLimits& limits = {})
        : limits_(limits), dialogue_(*this, limits_) {}

    agi::detail::Dialogue* operator->() noexcept { return &dialogue_; }

    /// What was sent since this was last asked.
    std::string take_sent() { return std::exchange(sent_, std::string()); }
    /// Every write fails from now on.
    void break_writes() noexcept { writes_fail_ = true; }

    bool was_opened = false;
    int hangups = 0;
    agi::detail::Fault fault = agi::detail::Fault::none;
    std::string why;
    std::vector<std::string> lines;
    agi::detail::Deadline wake = agi::detail::Deadline::max();

private:
    bool write(std::string_view line) noexcept override {
        if (!writes_fail_)
            sent_ += line;
        return !writes_fail_;
    }
    void opened() override { was_opened = true; }
    void complete(agi::detail::Operation& operation, agi::detail::End end, const agi::Reply& reply)
        override {
        note(operation, end, reply);
    }
    void
    fail(agi::detail::Operation& operation, agi::detail::End end, const agi::Reply& reply) noexcept
        override {
        note(operation, end, reply);
    }
    void on_hangup(bool) noexcept override { ++hangups; }
    void on_fault(agi::detail::Fault what, std::string_view reason) override {
        fault = what;
        why = reason;
    }
    void on_line(bool sent, std::string_view line) noexcept override {
        lines.push_back((sent ? "> " : "< ") + std::string(line));
    }
    void on_sending(const agi::detail::Operation&) noexcept override {}
    void on_finished(agi::detail::End, const agi::Reply&) noexcept override {}
    void wake_at(agi::detail::Deadline time) noexcept override { wake = std::min(wake, time); }

    static void
    note(agi::detail::Operation& operation, agi::detail::End end, const agi::Reply& reply) {
        auto& command = static_cast<Command&>(operation);
        command.done = true;
        command.end = end;
        command.reply = reply;
    }

    agi::detail::SessionLimits limits_;
    agi::detail::Dialogue dialogue_;
    std::string sent_;
    bool writes_fail_ = false;
};

}  // namespace costrix::test
