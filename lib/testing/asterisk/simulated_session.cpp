// SPDX-License-Identifier: MIT
// The session loop: one command at a time, hangups between commands, then the end.

#include "testing/asterisk/simulated_session.hpp"

#include "protocol/ascii.hpp"
#include "testing/asterisk/session_settings.hpp"

#include <costrix/testing/asterisk_tokenizer.hpp>

#include <utility>
#include <variant>

namespace costrix::inline COSTRIX_ABI::testing {

using detail::Command;
using detail::CommandEnd;
using detail::RunningCommand;
using detail::Time;
using detail::TimedAction;

namespace {

constexpr std::string_view kDeadReply =
    "511 Command Not Permitted on a dead channel or intercept routine";
constexpr std::string_view kUnknownReply = "510 Invalid or unknown command";

}  // namespace

FakeAsterisk::Impl::Impl(Scenario scenario)
    : call_(std::move(scenario)),
      reader_(detail::command_limit(call_.data()), call_.data().fastagi),
      output_(detail::environment_block(call_.data())),
      sighup_(detail::reports_hangup(call_.data())),
      exit_on_hangup_(detail::exits_on_hangup(call_.data())), dead_(call_.data().dead) {
    call_.audio().caller().changed = [this] { audio_changed(); };
}

void FakeAsterisk::Impl::receive(std::string_view bytes) {
    if (closed_ || bytes.empty())
        return;
    reader_.arrive(bytes);
    if (running_) {
        running_->input();
        settle();
    }
    go_on();
}

void FakeAsterisk::Impl::end_of_input(bool reading_goes_on) {
    if (closed_)
        return;
    unread_ = unread_ || !reading_goes_on;
    reader_.finish();
    if (running_) {
        running_->input();
        settle();
    }
    go_on();
}

void FakeAsterisk::Impl::script_exited(int status) {
    if (closed_)
        return;
    exited_ = true;
    if (status != 0 && !call_.hung_up())
        status_ = "FAILURE";
    end_of_input(false);
}

std::string FakeAsterisk::Impl::take_output() {
    return std::exchange(output_, {});
}

// The loop of run_agi(): a hangup first, then whatever poll() says can be read.
void FakeAsterisk::Impl::go_on() {
    while (!closed_ && !running_) {
        if (call_.hung_up() && !dead_ && !reader_.in_line()) {
            notice_hangup();
            continue;
        }
        if (!reader_.readable() && !reader_.in_line())
            return;
        bool ended = false;
        const auto line = reader_.read(ended);
        if (!line)
            return;
        if (ended) {
            // A classic script may have closed its stdout and live on: Asterisk waits for it.
            if (!call_.data().fastagi && !exited_)
                return;
            finish();
        } else {
            run_line(*line);
        }
    }
}

void FakeAsterisk::Impl::run_line(const std::string& line) {
    call_.log(EventKind::command, line);
    if (agi::detail::starts_with_ignoring_case(line, "failure")) {
        status_ = "FAILURE";
        finish();
        return;
    }
    const auto split = split_as_asterisk(line);
    if (split.overrun) {
        crash("a quoted word beyond the 127th");
        return;
    }
    command_ = detail::find_command(split.words);
    if (command_ == nullptr)
        write(kUnknownReply, EventKind::reply);
    else if (dead_ && !command_->dead)
        write(kDeadReply, EventKind::reply);
    else
        run_command(*command_, split.words);
}

void FakeAsterisk::Impl::run_command(const Command& command, const detail::Words& words) {
    auto outcome = command.handler(call_, words);
    if (const auto* ending = std::get_if<CommandEnd>(&outcome))
        answer(*ending);
    else
        begin(std::move(std::get<std::unique_ptr<RunningCommand>>(outcome)));
}

void FakeAsterisk::Impl::begin(std::unique_ptr<RunningCommand> operation) {
    running_ = std::move(operation);
    if (const auto first = running_->preliminary(); !first.empty())
        write(first, EventKind::reply);
    if (reader_.readable())
        running_->input();
    if (!running_->ending() && running_->deadline() == call_.now() &&
        call_.next_action().value_or(detail::kNever) > call_.now())
        running_->expire();  // else the caller is first: a key can end a sound without length
    settle();
}

// Answers a command that has come to its end.
void FakeAsterisk::Impl::settle() {
    if (running_ && running_->ending()) {
        const CommandEnd ending = *running_->ending();
        running_.reset();
        call_.audio().caller().prompt_ends();
        answer(ending);
    }
}

void FakeAsterisk::Impl::answer(const CommandEnd& ending) {
    switch (ending.kind()) {
    case CommandEnd::Kind::reply:
    case CommandEnd::Kind::reply_and_usage:
        write("200 result=" + ending.text(), EventKind::reply);
        break;
    case CommandEnd::Kind::raw:
        write(ending.text(), EventKind::reply);
        break;
    case CommandEnd::Kind::silent:
        call_.log(EventKind::dropped, std::string(command_->name));
        break;
    case CommandEnd::Kind::usage:
        break;
    }
    if (ending.kind() == CommandEnd::Kind::usage ||
        ending.kind() == CommandEnd::Kind::reply_and_usage)
        write_usage();
    if (ending.failed() && (dead_ || !call_.hung_up()))
        status_ = "FAILURE";
}

void FakeAsterisk::Impl::write_usage() {
    const auto text = detail::usage_text(command_->name);
    if (text.empty() || !call_.data().documented) {
        write("520 Invalid command syntax.  Proper usage not available.", EventKind::reply);
        return;
    }
    std::string reply("520-Invalid command syntax.  Proper usage follows:\n");
    reply.append(text).append("\n520 End of proper usage.");
    write(reply, EventKind::reply);
}

std::optional<Time> FakeAsterisk::Impl::next_due() const {
    auto due = closed_ ? std::nullopt : call_.next_action();
    if (running_ && running_->deadline() && (!due || *running_->deadline() < *due))
        due = running_->deadline();
    if (const auto audio = call_.audio().next_due(); !closed_ && audio && (!due || *audio < *due))
        due = audio;
    return due;
}

void FakeAsterisk::Impl::advance_to(Time target) {
    for (auto due = next_due(); due && *due <= target; due = next_due()) {
        if (*due > call_.now())
            call_.set_now(*due);
        if (const auto action = call_.next_action(); action && *action <= call_.now())
            act(call_.take_action());
        else if (running_ && running_->deadline() && *running_->deadline() <= call_.now())
            running_->expire();
        else
            call_.audio().act();
        audio_changed();
    }
    if (target > call_.now())
        call_.set_now(target);
}

void FakeAsterisk::Impl::act(const TimedAction& action) {
    switch (action.kind) {
    case TimedAction::Kind::key:
        call_.log(EventKind::key, action.value);
        if (running_)
            running_->key(action.value.front());
        break;
    case TimedAction::Kind::text:
        call_.log(EventKind::text, action.value);
        if (running_)
            running_->text(action.value);
        break;
    case TimedAction::Kind::hangup:
        hang_up(action.value.empty() ? "the caller" : action.value);
        break;
    }
}

// What an audio connection has come to may end the command, which has made it.
void FakeAsterisk::Impl::audio_changed() {
    call_.audio().report([this](const detail::AudioLeg& leg) {
        if (leg.alive())
            call_.log(EventKind::audio_open, leg.address().where());
        else
            call_.log(EventKind::audio_over, leg.why());
    });
    if (running_)
        running_->audio();
    settle();
    go_on();
}

void FakeAsterisk::Impl::press(std::string_view keys) {
    call_.will_press(keys, {}, std::chrono::milliseconds(250));
}

void FakeAsterisk::Impl::send_text(const std::string& text) {
    act({TimedAction::Kind::text, call_.now(), text});
    settle();
    go_on();
}

void FakeAsterisk::Impl::hang_up(std::string_view by) {
    if (closed_ || call_.hung_up())
        return;
    call_.hang_up(by);
    if (running_) {
        running_->hang_up();
        settle();
    }
    go_on();
}

void FakeAsterisk::Impl::notice_hangup() {
    dead_ = true;
    status_ = "HANGUP";
    report_hangup();
    if (exit_on_hangup_)
        finish();
}

// HANGUP on the wire, or the signal.
void FakeAsterisk::Impl::report_hangup() {
    if (!sighup_)
        return;
    if (call_.data().fastagi) {
        write("HANGUP", EventKind::hangup_line);
    } else if (!exited_) {
        ++sighups_;
        call_.log(EventKind::signal, "SIGHUP");
    }
}

void FakeAsterisk::Impl::finish() {
    report_hangup();
    closed_ = true;
    final_status_ = status_;
    call_.variables()["AGISTATUS"] = status_;
    call_.log(EventKind::closed, status_);
}

void FakeAsterisk::Impl::crash(std::string why) {
    closed_ = true;
    call_.log(EventKind::crash, std::move(why));
}

void FakeAsterisk::Impl::write(std::string_view line, EventKind kind) {
    call_.log(kind, std::string(line));
    if (!unread_)
        output_.append(line).append("\n");
}

}  // namespace costrix::inline COSTRIX_ABI::testing
