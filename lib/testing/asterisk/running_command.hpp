// SPDX-License-Identifier: MIT
// A command that takes time, and how a command ends.
#pragma once

#include "testing/asterisk/call_state.hpp"

#include <costrix/agi/detail/config.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// How a command ends: what is sent and what it means for AGISTATUS.
class CommandEnd {
public:
    enum class Kind {
        reply,            ///< `200 result=` and the text
        usage,            ///< wrong syntax: 520
        reply_and_usage,  ///< EXEC of an application that returns 1
        raw,              ///< the text as it is
        silent,           ///< interrupted: nothing at all
    };

    /// `200 result=TEXT`.
    static CommandEnd result(std::string text) { return {Kind::reply, std::move(text)}; }
    /// `200 result=NUMBER`.
    static CommandEnd result(long number) { return result(std::to_string(number)); }
    /// The 520 lines of this command.
    static CommandEnd usage() { return {Kind::usage, {}}; }
    /// `200 result=NUMBER`, and the 520 lines after it.
    static CommandEnd result_and_usage(long number) {
        return {Kind::reply_and_usage, std::to_string(number)};
    }
    /// A whole reply of any form, without its LF.
    static CommandEnd raw(std::string text) { return {Kind::raw, std::move(text)}; }
    /// No reply.
    static CommandEnd silent() { return {Kind::silent, {}}; }
    /// The command failed, which makes AGISTATUS a FAILURE unless a hangup was the reason.
    CommandEnd as_failure() {
        failed_ = true;
        return *this;
    }

    Kind kind() const { return kind_; }
    const std::string& text() const { return text_; }
    bool failed() const { return failed_; }

private:
    CommandEnd(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

    Kind kind_;
    std::string text_;
    bool failed_ = false;
};

/// A command that takes time; the session passes events to it until it ends.
class RunningCommand {
public:
    RunningCommand(const RunningCommand&) = delete;
    RunningCommand& operator=(const RunningCommand&) = delete;
    virtual ~RunningCommand() = default;

    /// When something falls due.
    std::optional<Time> deadline() const { return deadline_; }
    /// How it ended; nullopt while it runs.
    const std::optional<CommandEnd>& ending() const { return ending_; }
    /// The reply that precedes the end of the command: GOSUB's 100.
    virtual std::string preliminary() const { return {}; }

    /// The deadline has come.
    virtual void expire() = 0;
    /// The caller released a key.
    virtual void key(char) {}
    /// A text message came.
    virtual void text(const std::string&) {}
    /// Bytes came from the script, or its end of file.
    virtual void input() {}
    /// Something has become of an audio connection.
    virtual void audio() {}
    /// The channel was hung up.
    virtual void hang_up() { end(CommandEnd::result(-1).as_failure()); }

protected:
    explicit RunningCommand(CallState& call) : call_(&call) {}

    CallState& call() const { return *call_; }
    void end(CommandEnd ending) {
        ending_ = std::move(ending);
        deadline_.reset();
    }
    /// Falls due `delay` from now; never for an endless delay.
    void wait(Time delay) {
        const auto at = later(call_->now(), delay);
        deadline_ = at == kNever ? std::nullopt : std::optional<Time>(at);
    }

private:
    CallState* call_;
    std::optional<Time> deadline_;
    std::optional<CommandEnd> ending_;
};

/// Ends after a time; its effect takes place in any case.
class Pause final : public RunningCommand {
public:
    using Effect = std::function<void()>;

    Pause(CallState& call, Time duration, CommandEnd ending, Effect effect = {})
        : RunningCommand(call), at_end_(std::move(ending)), effect_(std::move(effect)) {
        wait(duration);
    }

    /// Replies something else than -1 on a hangup.
    Pause& on_hangup(CommandEnd ending) {
        at_hangup_ = std::move(ending);
        return *this;
    }
    /// Says something at the start.
    Pause& saying(std::string text) {
        preliminary_ = std::move(text);
        return *this;
    }

    std::string preliminary() const override { return preliminary_; }
    void expire() override { finish(at_end_); }
    void hang_up() override { finish(at_hangup_); }

private:
    void finish(const CommandEnd& ending) {
        if (effect_)
            effect_();
        end(ending);
    }

    CommandEnd at_end_;
    CommandEnd at_hangup_ = CommandEnd::result(-1);
    Effect effect_;
    std::string preliminary_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
