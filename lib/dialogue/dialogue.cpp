// SPDX-License-Identifier: MIT
// The rules by which neither side gets out of step.
#include "dialogue/dialogue.hpp"

#include "protocol/own_commands.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

Dialogue::Dialogue(Effects& effects, const SessionLimits& limits)
    : effects_(effects), limits_(limits),
      reader_(std::in_place_type<EnvironmentReader>, limits.environment) {}

std::size_t Dialogue::opening_size() const noexcept {
    return std::get<EnvironmentReader>(reader_).size();
}

// --- what Asterisk sends -------------------------------------------------------------------------

void Dialogue::receive(std::string_view bytes) {
    if (state_ == State::ended)
        return;
    const bool opens = state_ == State::opening;
    if (opens && !read_environment(bytes))
        return;
    read_lines(bytes);
    if (opens && state_ != State::ended) {
        // In the h extension the channel is dead, unless a Goto led there: the answer comes before
        // the handler's first command is sent.
        if (!hung_up() && environment_.starts_dead())
            state_ = State::checking_hangup;
        effects_.opened();
        if (state_ == State::checking_hangup)
            send_own(State::checking_hangup, kHangupCheck);
    }
    settle();
}

void Dialogue::read_lines(std::string_view input) {
    using Event = ReplyReader::Event;
    while (state_ != State::ended && !input.empty()) {
        if (state_ == State::settled)
            keep_outcome();
        const auto event = replies().next(input);
        if (event == Event::need_more)
            return;
        if (event == Event::line_too_long || event == Event::too_large) {
            const bool line = event == Event::line_too_long;
            const auto max = line ? limits_.reply_line_bytes : limits_.reply_bytes;
            const std::string what = line ? "a line of a reply over " : "a reply over ";
            break_off(Fault::reply_too_long, what + std::to_string(max) + " bytes");
            return;
        }
        const bool hangup = event == Event::hangup;
        if (lines_observed_)
            effects_.on_line(false, hangup ? "HANGUP" : replies().reply().text());
        if (hangup)
            note_hangup(End::hung_up);
        else if (event == Event::reply)
            take_reply();
        else if (event == Event::junk)
            take_junk();
    }
}

void Dialogue::take_reply() {
    switch (state_) {
    case State::running:
        take_own_reply();
        state_ = State::settled;
        break;
    case State::stopping:
        take_fence_reply();
        break;
    case State::checking_status:
        answer_ = Answer::checked;
        state_ = State::settled;
        learn(replies().reply().code(), true);
        break;
    case State::checking_hangup:
        take_hangup_check();
        break;
    default:
        take_junk();
    }
}

void Dialogue::take_own_reply() {
    outcome_ = &replies().reply();
    answer_ = Answer::own;
    learn(outcome_->code(), !traits_.dead && outcome_->code() == 200);
}

/// What a reply says about the channel. `works`: it is the success of a command that needs a live
/// one. After such a success a 511 proves the hangup; before, the channel may have been dead from
/// the start, or this is an intercept routine, in which Asterisk runs no such command at all.
void Dialogue::learn(int code, bool works) {
    if (code == 511 && channel_.has_served())
        note_hangup(End::hung_up);
    else if (code == 511)
        answer_ = Answer::refused;
    else if (works)
        channel_.note_service();
}

void Dialogue::note_hangup(End how) {
    if (channel_.hang_up(how))
        effects_.on_hangup(false);
}

void Dialogue::sighup() {
    if (channel_.sighup(environment_.starts_dead()))
        effects_.on_hangup(false);
}

/// A cancelled prompt's own reply, if there is one, precedes the first fence's echo.
void Dialogue::take_fence_reply() {
    const auto& reply = replies().reply();
    const auto echo = fence_.echo_of(reply);
    if (echo == Fence::Echo::last)
        state_ = State::settled;
    if (echo != Fence::Echo::none)
        return;
    const bool stopped = traits_.confirms_stop && reply.number() == 1;
    take_own_reply();
    keep_outcome();
    if (stopped)
        answer_ = Answer::none;
}

/// The reader is about to read something else.
void Dialogue::keep_outcome() noexcept {
    if (std::exchange(outcome_, &reply_) != &reply_)
        replies().swap_reply(reply_);
}

void Dialogue::take_hangup_check() {
    const bool refused = answer_ == Answer::refused;
    state_ = refused ? State::settled : State::idle;
    answer_ = refused ? Answer::checked : Answer::none;
    check_due_ = false;  // if the answer took that long
    const auto answer = replies().reply().value().value_or("");
    const auto conclusion = channel_.conclude(answer, refused, environment_.starts_dead());
    if (conclusion == Conclusion::hung_up)
        note_hangup(End::hung_up);
    if (conclusion != Conclusion::dead_start)
        return;
    channel_.note_dead_start();
    effects_.on_hangup(true);
}

/// After a chunk has been read: resumes the awaiter of what it settled, and sends what waits.
void Dialogue::settle() {
    if (state_ != State::settled)
        return send_next();
    if (answer_ == Answer::refused && !hung_up())
        return send_own(State::checking_hangup, kHangupCheck);
    // A -1 may be a failure or a hangup; the channel's status tells which.
    if (answer_ == Answer::own && current_ && !hung_up() &&
        ChannelState::is_doubtful(*outcome_, traits_))
        return send_own(State::checking_status, kStatusCheck);
    auto* const done = std::exchange(current_, nullptr);
    End end = answer_ == Answer::none ? End::cancelled : End::replied;
    if (end == End::replied && channel_.means_hangup(*outcome_, traits_))
        end = hangup();
    const auto& reply = *std::exchange(outcome_, &reply_);
    after_value_ = traits_.form != ReplyForm::line;
    if (commands_observed_ != Observed::by_nobody)
        effects_.on_finished(end, reply);
    answer_ = Answer::none;
    state_ = State::idle;
    ++commands_;
    send_next();
    if (done)
        effects_.complete(*done, end, reply);
}

// --- what is sent --------------------------------------------------------------------------------

bool Dialogue::submit(Operation& operation) {
    if (state_ == State::idle || state_ == State::ended)
        return send_or_fail(operation);
    queue_.push_back(operation);
    return true;
}

bool Dialogue::send_or_fail(Operation& operation) {
    const bool over = state_ == State::ended || (hung_up() && !channel_.cleans_up());
    if (over || (hung_up() && !operation.traits.dead)) {
        effects_.fail(operation, over ? hangup() : End::dead, {});
        return false;
    }
    current_ = &operation;
    traits_ = operation.traits;
    answer_ = Answer::none;
    state_ = State::running;
    replies().expect(traits_.form);
    if (commands_observed_ != Observed::by_nobody)
        effects_.on_sending(operation);
    write(operation.line);
    return true;
}

void Dialogue::send_next() {
    if (check_due_ && state_ == State::idle && !hung_up())
        send_own(State::checking_hangup, kHangupCheck);
    while (state_ == State::idle && !queue_.empty())
        send_or_fail(queue_.take_front());
}

void Dialogue::send_own(State state, std::string_view line) {
    state_ = state;
    check_due_ = false;
    keep_outcome();
    replies().expect(ReplyForm::line);
    write(line);
}

void Dialogue::write(std::string_view line) {
    if (lines_observed_)
        effects_.on_line(true, without_line_feed(line));
    if (!effects_.write(line))
        end(End::disconnected);
}

bool Dialogue::check_channel() {
    if (!channel_.needs_checks())
        return false;
    check_due_ = !channel_.take_service();
    send_next();
    return true;
}

// --- what is given up ----------------------------------------------------------------------------

bool Dialogue::cancel(std::uint64_t id, Stop stop, Deadline now) {
    if (current_ && current_->id == id) {
        if (stop != Stop::prompt_only || traits_.interruptible)
            abandon(End::cancelled, stop == Stop::at_once, now);
        return true;
    }
    auto* const waiting = queue_.take(id);
    if (waiting)
        effects_.fail(*waiting, End::cancelled, {});
    return waiting != nullptr;
}

/// Gives up the command with Asterisk. Unless `at_once`, whoever awaits a prompt learns of it when
/// the fence's echo has come.
void Dialogue::abandon(End end, bool at_once, Deadline now) {
    if (commands_observed_ != Observed::by_nobody && state_ != State::stopping)
        effects_.on_abandoned(end);
    const bool stoppable =
        traits_.interruptible && (state_ == State::running || state_ == State::stopping);
    if (stoppable && state_ == State::running) {
        state_ = State::stopping;
        fence_.restart();
        replies().expect(ReplyForm::line);
        send_fence(now);
    }
    if (at_once || !stoppable)
        fail_current(end);
}

void Dialogue::send_fence(Deadline now) {
    const auto line = fence_.next_line(now);
    effects_.wake_at(fence_.due());
    write(line);
}

void Dialogue::pass(Deadline now) {
    if (current_ && now >= current_->deadline)
        abandon(End::timed_out, true, now);
    if (state_ == State::stopping && now >= fence_.due())
        send_fence(now);
    while (auto* const late = queue_.take_due(now))
        effects_.fail(*late, End::timed_out, {});
}

Deadline Dialogue::next_deadline() const noexcept {
    const auto reply = current_ ? current_->deadline : Deadline::max();
    const auto fence = state_ == State::stopping ? fence_.due() : Deadline::max();
    return std::min({reply, fence, queue_.next_deadline()});
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
