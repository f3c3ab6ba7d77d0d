// SPDX-License-Identifier: MIT
// AGI() at work: takes commands up, answers them, notices hangups and the end.
#pragma once

#include "testing/asterisk/call_state.hpp"
#include "testing/asterisk/command_handlers.hpp"
#include "testing/asterisk/command_reader.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing {

/// The loop of res_agi.c's run_agi(), turned inside out.
class FakeAsterisk::Impl {
public:
    explicit Impl(Scenario scenario);

    void receive(std::string_view bytes);
    void end_of_input(bool reading_goes_on);
    void script_exited(int status);
    std::string take_output();
    bool closed() const { return closed_; }
    bool busy() const { return running_ != nullptr; }
    int sighups() const { return sighups_; }
    const std::string& status() const { return final_status_; }

    std::optional<detail::Time> next_due() const;
    void advance_to(detail::Time target);

    void press(std::string_view keys);
    void hang_up(std::string_view by);
    void send_text(const std::string& text);
    void speak(const Waveform& sound) { call_.audio().caller().say(call_.now(), sound); }

    detail::CallState& call() { return call_; }
    const detail::CallState& call() const { return call_; }

private:
    void go_on();
    void run_line(const std::string& line);
    void run_command(const detail::Command& command, const detail::Words& words);
    void begin(std::unique_ptr<detail::RunningCommand> operation);
    void settle();
    void answer(const detail::CommandEnd& ending);
    void act(const detail::TimedAction& action);
    void audio_changed();
    void notice_hangup();
    void report_hangup();
    void finish();
    void crash(std::string why);
    void write(std::string_view line, EventKind kind);
    void write_usage();

    detail::CallState call_;
    detail::CommandReader reader_;
    std::unique_ptr<detail::RunningCommand> running_;
    const detail::Command* command_ = nullptr;
    std::string output_;
    std::string status_ = "SUCCESS";
    std::string final_status_;
    int sighups_ = 0;
    bool sighup_;
    bool exit_on_hangup_;
    bool dead_;
    bool unread_ = false;  ///< nobody reads what is written
    bool exited_ = false;
    bool closed_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
