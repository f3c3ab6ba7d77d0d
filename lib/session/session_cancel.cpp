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

}  // namespace

std::uint64_t Session::watch(Completion&& completion) {
    watchers_.push_back({++last_id_, std::move(completion)});
    if (hung_up())
        wake_watchers_later();
    return last_id_;
}

/// For a place where nobody may be resumed.
void Session::wake_watchers_later() {
    run_later([this] { wake_watchers(); });
}

void Session::cancel(std::uint64_t id, asio::cancellation_type type) {
    if (current_.id == id && current_.completion) {
        const bool terminal = has(type, asio::cancellation_type::terminal);
        const bool partial = has(type, asio::cancellation_type::partial);
        if (terminal || partial || current_.traits.interruptible)
            abandon(End::cancelled, terminal);
        return;
    }
    const auto queued =
        std::find_if(queue_.begin(), queue_.end(), [id](const auto& one) { return one.id == id; });
    if (queued != queue_.end()) {
        fail_later(std::move(*queued), End::cancelled);
        queue_.erase(queued);
        return;
    }
    if (cancel_sleeper(id))
        return;
    const auto watcher = std::find_if(watchers_.begin(), watchers_.end(), [id](const auto& one) {
        return one.id == id;
    });
    if (watcher != watchers_.end()) {
        Operation operation;
        operation.completion = std::move(watcher->completion);
        watchers_.erase(watcher);
        fail_later(std::move(operation), End::cancelled);
    }
}

/// Gives up the command in flight. A prompt is stopped with a fence, and unless that is to be
/// `at_once`, its awaiter learns of it when the fence's echo has come.
void Session::abandon(End end, bool at_once) {
    const bool stoppable = current_.traits.interruptible && awaiting_ != Awaiting::probe;
    if (stoppable && !fenced_)
        send_fence();
    if (!at_once && stoppable)
        return;
    Operation given_up;
    given_up.line = current_.line;
    given_up.completion = std::move(current_.completion);
    fail_later(std::move(given_up), end);
}

void Session::send_fence() {
    awaiting_ = Awaiting::fence;
    fenced_ = true;
    fence_wait_ = kFirstFenceWait;
    reader_.expect(ReplyForm::line);
    transmit_fence();
}

/// A fence that came to Asterisk in one packet with its prompt stops nothing, and sleeps in a
/// buffer until more bytes come (transcript `pipelined`). So it is sent again, ever more seldom,
/// until the last one's echo is there; those before it are answered first.
void Session::send_fence_again(Deadline now) {
    if (awaiting_ != Awaiting::fence || now < next_fence_)
        return;
    fence_wait_ = std::min<Clock::duration>(2 * fence_wait_, kLastFenceWait);
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
std::uint64_t Session::fence_echo() const noexcept {
    const auto value = reader_.reply().value();
    if (!value || !value->starts_with(kFencePrefix))
        return 0;
    std::uint64_t number = 0;
    const auto end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data() + kFencePrefix.size(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

/// Tells the awaiter, but never from within the call that it made.
void Session::fail_later(Operation&& operation, End end, Reply reply) {
    if (!operation.completion)
        return;
    run_later([operation = std::move(operation), end, reply = std::move(reply)]() mutable {
        std::move(operation.completion)({end, reply, operation.line});
    });
}

void Session::fail_all(End end) {
    awaiting_ = Awaiting::nothing;
    settled_ = false;
    fail_later(std::move(current_), end);
    for (auto& operation : queue_)
        fail_later(std::move(operation), end);
    queue_.clear();
}

// --- time ----------------------------------------------------------------------------------------

/// The wheel is told of earlier times only. It may call too early, after a command that had been
/// answered in time; that costs less than telling it of every reply.
void Session::watch_clock(Deadline deadline) {
    if (deadline >= armed_ || closed_ || !registered_)
        return;
    armed_ = deadline;
    wheel_.arm(*this, deadline, get_executor());
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
    auto next = std::min(phase_end_, session_end_);
    if (current_.completion)
        next = std::min(next, current_.deadline);
    if (awaiting_ == Awaiting::fence)
        next = std::min(next, next_fence_);
    for (const auto& operation : queue_)
        next = std::min(next, operation.deadline);
    for (const auto& sleeper : sleepers_)
        next = std::min(next, sleeper.until);
    return next;
}

void Session::check_deadlines() {
    armed_ = Deadline::max();
    const auto now = wheel_.now();
    if (closed_)
        return;
    if (environment_reader_ && (now >= phase_end_ || now >= session_end_)) {
        phase_end_ = session_end_ = Deadline::max();
        fault_ = Fault::environment_late;
        owner_.on_environment("did not come in time");
        return;
    }
    if (now >= session_end_ || now >= phase_end_) {
        if (now >= session_end_)
            expire(Fault::session_too_long, "the session took too long");
        else
            expire(Fault::late_after_hangup, "the handler took too long after the hangup");
        return;
    }
    if (current_.completion && now >= current_.deadline)
        abandon(End::timed_out, true);
    send_fence_again(now);
    for (auto& operation : queue_) {
        if (now >= operation.deadline)
            fail_later(std::move(operation), End::timed_out);
    }
    std::erase_if(queue_, [](const auto& operation) { return !operation.completion; });
    wake_sleepers(now);
}

void Session::expire(Fault fault, std::string_view what) {
    fault_ = fault;
    fail_all(End::timed_out);
    fail_sleepers(End::timed_out);
    close();
    owner_.on_overtime(what);
}

}  // namespace costrix::agi::detail
