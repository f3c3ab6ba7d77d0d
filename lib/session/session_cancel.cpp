// SPDX-License-Identifier: MIT
// Commands that are given up: by cancellation, by deadline, by the end of the session.
#include "session/session.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <charconv>

namespace costrix::agi::detail {
namespace {

bool has(asio::cancellation_type value, asio::cancellation_type bit) noexcept {
    return (value & bit) != asio::cancellation_type::none;
}

// Echoed by live and dead channels alike, and no other reply looks like it.
constexpr std::string_view kFencePrefix = "costrix-fence-";
// How long its echo is waited for, at first and at most.
constexpr auto kFirstFenceWait = std::chrono::milliseconds(100);
constexpr auto kLastFenceWait = std::chrono::seconds(10);
// How often a handler is cancelled whose session has ended by itself.
constexpr auto kOvertimeAgain = std::chrono::seconds(1);

}  // namespace

/// A coroutine that does nothing but retry what the end of its call has made impossible would keep
/// a processor busy. It is destroyed where it waits.
bool Session::drop_stuck(Operation& operation) {
    if (!stuck())
        return false;
    run_later([completion = std::move(operation.completion)] {});
    return true;
}

void Session::refuse_wait(Operation& operation) {
    ++attempts_;
    if (!drop_stuck(operation))
        fail_later(operation, hangup_);
}

void Session::watch(Operation& operation) {
    if (hung_up()) {
        ++attempts_;
        if (drop_stuck(operation))
            return;
    }
    watchers_.push_back(operation);
    if (hung_up())
        wake_watchers_later();
}

/// For a place where nobody may be resumed.
void Session::wake_watchers_later() {
    run_later([this] { wake_watchers(); });
}

void Session::cancel(std::uint64_t id, asio::cancellation_type type) {
    if (current_ && current_->id == id) {
        const bool terminal = has(type, asio::cancellation_type::terminal);
        const bool partial = has(type, asio::cancellation_type::partial);
        if (terminal || partial || traits_.interruptible)
            abandon(End::cancelled, terminal);
        return;
    }
    for (auto* const operations : {&queue_, &watchers_, &sleepers_}) {
        const auto found = std::find_if(operations->begin(), operations->end(), [id](auto& one) {
            return one.id == id;
        });
        if (found == operations->end())
            continue;
        auto& operation = *found;
        operations->erase(found);
        fail_later(operation, End::cancelled);
        return;
    }
}

/// Gives up the command in flight. A prompt is stopped with a fence, and unless that is to be
/// `at_once`, its awaiter learns of it when the fence's echo has come.
void Session::abandon(End end, bool at_once) {
    const bool stoppable = traits_.interruptible && awaiting_ != Awaiting::probe;
    if (stoppable && !fenced_)
        send_fence();
    if (at_once || !stoppable)
        fail_current(end);
}

void Session::send_fence() {
    awaiting_ = Awaiting::fence;
    fenced_ = true;
    fence_wait_ = kFirstFenceWait;
    replies().expect(ReplyForm::line);
    transmit_fence();
}

/// A fence that came to Asterisk in one packet with its prompt stops nothing, and sleeps in a
/// buffer until more bytes come (transcript `pipelined`). So it is sent again, ever more seldom,
/// until the last one's echo is there; those before it are answered first.
void Session::send_fence_again(Deadline now) {
    if (awaiting_ != Awaiting::fence || now < next_fence_)
        return;
    fence_wait_ = std::min<decltype(fence_wait_)>(2 * fence_wait_, kLastFenceWait);
    if (backlog_.empty())
        transmit_fence();
    else
        next_fence_ = now + fence_wait_;
}

void Session::transmit_fence() {
    next_fence_ = wheel_.now() + fence_wait_;
    watch_clock(next_fence_);
    const auto number = std::to_string(++fences_);
    transmit("GET FULL VARIABLE \"" + std::string(kFencePrefix) + number + "\"\n");
}

/// The number of the fence that the reply is the echo of; 0 for any other reply.
std::uint64_t Session::fence_echo() noexcept {
    const auto value = replies().reply().value();
    if (!value || !value->starts_with(kFencePrefix))
        return 0;
    std::uint64_t number = 0;
    const auto end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data() + kFencePrefix.size(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

/// Tells the awaiter, but never from within the call that it made.
void Session::fail_later(Operation& operation, End end, Reply reply) {
    run_later([this,
               completion = std::move(operation.completion),
               line = std::move(operation.line),
               end,
               reply = std::move(reply)]() mutable {
        resume(std::move(completion), {end, reply, line});
    });
}

void Session::fail_current(End end, Reply reply) {
    if (auto* const operation = std::exchange(current_, nullptr))
        fail_later(*operation, end, std::move(reply));
}

void Session::fail_all(End end) {
    awaiting_ = Awaiting::nothing;
    settled_ = refused_ = false;
    fail_current(end);
    fail_each(queue_, end);
}

void Session::fail_each(Operations& operations, End end) {
    while (!operations.empty()) {
        auto& operation = operations.front();
        operations.pop_front();
        fail_later(operation, end);
    }
}

// --- time ----------------------------------------------------------------------------------------

/// The wheel is told of earlier times only. It may call too early, after a command that had been
/// answered in time; that costs less than telling it of every reply.
void Session::watch_clock(Deadline deadline) {
    if (deadline >= armed_ || !registered_)
        return;
    armed_ = deadline;
    wheel_.arm(*this, deadline, get_executor());
}

/// Has the wheel forget what is not to come any more. Not worth it for one command's deadline; but
/// the environment's stands for each session, and thousands that began together would end together.
void Session::watch_next() {
    armed_ = next_deadline();
    if (armed_ == Deadline::max())
        wheel_.disarm(*this);
    else
        wheel_.arm(*this, armed_, get_executor());
}

bool Session::on_expired() noexcept {
    try {
        run_later([this] { check_deadlines(); });
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

Deadline Session::next_deadline() const noexcept {
    auto next = std::min({phase_end_, session_end_, next_check_});
    if (current_)
        next = std::min(next, current_->deadline);
    if (awaiting_ == Awaiting::fence)
        next = std::min(next, next_fence_);
    for (const auto& operation : queue_)
        next = std::min(next, operation.deadline);
    return sleepers_.empty() ? next : std::min(next, sleepers_.front().deadline);
}

void Session::check_deadlines() {
    armed_ = Deadline::max();
    note_progress();
    const auto now = wheel_.now();
    if (closed_) {
        more_overtime(now);
        return;
    }
    if (opening() && (now >= phase_end_ || now >= session_end_)) {
        phase_end_ = session_end_ = Deadline::max();
        environment_fault(Fault::environment_late, "did not come in time");
        return;
    }
    if (now >= session_end_ || now >= phase_end_) {
        if (now >= session_end_)
            expire(Fault::session_too_long, "the session took too long");
        else
            expire(Fault::late_after_hangup, "the handler took too long after the hangup");
        return;
    }
    if (current_ && now >= current_->deadline)
        abandon(End::timed_out, true);
    send_fence_again(now);
    for (auto next = queue_.begin(); next != queue_.end();) {
        auto& operation = *next++;
        if (now < operation.deadline)
            continue;
        operation.unlink();
        fail_later(operation, End::timed_out);
    }
    check_channel(now);
    wake_sleepers(now);
}

void Session::expire(Fault fault, std::string_view what) {
    fault_ = fault;
    fail_all(End::timed_out);
    fail_each(sleepers_, End::timed_out);
    end(End::disconnected);
    phase_end_ = wheel_.now() + kOvertimeAgain;
    watch_clock(phase_end_);
    owner_.on_fault(fault, what);
    owner_.on_overtime();
}

void Session::more_overtime(Deadline now) {
    if (now >= phase_end_) {
        phase_end_ = now + kOvertimeAgain;
        owner_.on_overtime();
    }
    watch_clock(phase_end_);
}

}  // namespace costrix::agi::detail
