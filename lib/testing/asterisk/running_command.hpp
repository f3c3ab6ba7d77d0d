// SPDX-License-Identifier: MIT
// A command that takes time, and how a command ends.
#pragma once

#include "testing/asterisk/call_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::testing::detail {

/// How a command ends: what is sent and what it means for AGISTATUS.
class Ending {
public:
    enum class Kind {
        reply,            ///< `200 result=` and the text
        usage,            ///< wrong syntax: 520
        reply_and_usage,  ///< EXEC of an application that returns 1
        raw,              ///< the text as it is
        silent,           ///< interrupted: nothing at all
    };

    /// `200 result=TEXT`.
    [[nodiscard]] static Ending result(std::string text) { return {Kind::reply, std::move(text)}; }
    /// `200 result=NUMBER`.
    [[nodiscard]] static Ending result(long number) { return result(std::to_string(number)); }
    /// The 520 lines of this command.
    [[nodiscard]] static Ending usage() { return {Kind::usage, {}}; }
    /// `200 result=NUMBER`, and the 520 lines after it.
    [[nodiscard]] static Ending result_and_usage(long number) {
        return {Kind::reply_and_usage, std::to_string(number)};
    }
    /// A whole reply of any form, without its LF.
    [[nodiscard]] static Ending raw(std::string text) { return {Kind::raw, std::move(text)}; }
    /// No reply.
    [[nodiscard]] static Ending silent() { return {Kind::silent, {}}; }
    /// The command failed, which makes AGISTATUS a FAILURE unless a hangup was the reason.
    Ending as_failure() {
        failed_ = true;
        return *this;
    }

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    Ending(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

    Kind kind_;
    std::string text_;
    bool failed_ = false;
};

/// A command that is running; the engine tells it what happens until it has an ending.
class Operation {
public:
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    virtual ~Operation() = default;

    /// When something falls due.
    [[nodiscard]] std::optional<Time> deadline() const { return deadline_; }
    /// How it ended, once it has.
    [[nodiscard]] const std::optional<Ending>& ending() const { return ending_; }
    /// What must go out before the command has ended: GOSUB's 100.
    [[nodiscard]] virtual std::string preliminary() const { return {}; }

    /// The deadline has come.
    virtual void expire() = 0;
    /// The caller released a key.
    virtual void key(char) {}
    /// A text message came.
    virtual void text(const std::string&) {}
    /// Bytes came from the script, or its end of file.
    virtual void input() {}
    /// The channel was hung up.
    virtual void hang_up() { end(Ending::result(-1).as_failure()); }

protected:
    explicit Operation(Call& call) : call_(&call) {}

    [[nodiscard]] Call& call() const { return *call_; }
    void end(Ending ending) {
        ending_ = std::move(ending);
        deadline_.reset();
    }
    /// Falls due `delay` from now; never for an endless delay.
    void wait(Time delay) {
        const auto at = later(call_->now(), delay);
        deadline_ = at == never ? std::nullopt : std::optional<Time>(at);
    }

private:
    Call* call_;
    std::optional<Time> deadline_;
    std::optional<Ending> ending_;
};

/// Lets time pass, then ends; what is left behind is set in either case.
class Pause final : public Operation {
public:
    using Effect = std::function<void()>;

    Pause(Call& call, Time duration, Ending ending, Effect effect = {})
        : Operation(call), at_end_(std::move(ending)), effect_(std::move(effect)) {
        wait(duration);
    }

    /// Says something else than -1 on a hangup.
    Pause& on_hangup(Ending ending) {
        at_hangup_ = std::move(ending);
        return *this;
    }
    /// Says something at the start.
    Pause& saying(std::string text) {
        preliminary_ = std::move(text);
        return *this;
    }

    [[nodiscard]] std::string preliminary() const override { return preliminary_; }
    void expire() override { finish(at_end_); }
    void hang_up() override { finish(at_hangup_); }

private:
    void finish(const Ending& ending) {
        if (effect_) {
            effect_();
        }
        end(ending);
    }

    Ending at_end_;
    Ending at_hangup_ = Ending::result(-1);
    Effect effect_;
    std::string preliminary_;
};

}  // namespace costrix::testing::detail
