// SPDX-License-Identifier: MIT
// The conversation: its beginning, its end, and what is sent when.
#include "session/session.hpp"

#include "protocol/own_commands.hpp"
#include "session/text_pool.hpp"

#include <asio/post.hpp>

#include <algorithm>

namespace costrix::agi::detail {

Session::Session(Transport& transport, SessionOwner& owner, const SessionLimits& limits)
    : transport_(transport), owner_(owner),
      registry_(asio::use_service<SessionRegistry>(get_executor().context())),
      wheel_(asio::use_service<TimerWheel>(get_executor().context())), limits_(limits),
      reader_(std::in_place_type<EnvironmentReader>, limits.environment),
      reply_(0, TextPool::take()), spare_line_(TextPool::take()) {}

void Session::start() {
    const std::shared_ptr<TransportListener> self(owner_.keep_alive(), this);
    self_ = self;
    registry_.add(*this);
    wheel_.enter();
    registered_ = true;
    const auto now = wheel_.now();
    if (limits_.environment_time)
        watch_clock(phase_end_ = after(now, *limits_.environment_time));
    if (limits_.session_time)
        watch_clock(session_end_ = after(now, *limits_.session_time));
    transport_.start(self);
}

Session::~Session() {
    leave_registry();
    drop_operations();
    TextPool::keep(std::move(spare_line_));
    TextPool::keep(std::move(reply_).release());
    if (opening())
        return;
    replies().swap_reply(reply_);
    TextPool::keep(std::move(reply_).release());
}

void Session::leave_registry() {
    if (std::exchange(registered_, false)) {
        registry_.remove(*this);
        wheel_.leave(*this);
    }
}

void Session::let_go() {
    leave_registry();
    closed_ = true;
    const auto keep_alive = self_.lock();
    transport_.close();
    drop_operations();
}

/// With each goes the coroutine that awaits it.
void Session::drop_operations() noexcept {
    if (current_)
        queue_.push_front(*std::exchange(current_, nullptr));
    for (auto* const operations : {&queue_, &watchers_, &sleepers_}) {
        while (!operations->empty())
            operations->front().drop();
    }
}

void Session::close(End how) {
    leave_registry();
    end(how);
}

void Session::end(End how) {
    if (closed_)
        return;
    const auto keep_alive = self_.lock();
    closed_ = true;
    transport_.close();
    severed_ = true;
    note_hangup(how);
    fail_all(how);
    fail_each(sleepers_, how);
    wake_watchers();
}

CommandLine Session::new_line() {
    // A cancelled coroutine that catches everything never gets as far as submit(): Asio throws from
    // its co_await, without suspending it.
    if (++attempts_ > 2 * kMaxAttempts)
        throw Stopped();
    return CommandLine(command_limit_, std::move(spare_line_));
}

void Session::give_back(std::string&& line) noexcept {
    constexpr std::size_t kKeptCapacity = 1024;
    if (line.capacity() > spare_line_.capacity() && line.capacity() <= kKeptCapacity)
        spare_line_ = std::move(line);
}

void Session::submit(Operation& operation) {
    if (drop_stuck(operation))
        return;
    if (operation.deadline != Deadline::max())
        watch_clock(operation.deadline);
    if (!idle()) {
        note_progress();  // it waits for the reply to another one
        queue_.push_back(operation);
        return;
    }
    try {
        send_or_refuse(operation);
    } catch (const std::bad_alloc&) {
        if (current_ == &operation)
            current_ = nullptr;
        throw;
    }
}

void Session::send_or_refuse(Operation& operation) {
    if (severed_ || (hung_up() && !dead_phase_))
        fail_later(operation, hangup_);
    else if (hung_up() && !operation.traits.dead)
        fail_later(operation, End::dead);
    else
        send(operation);
}

void Session::send_next() {
    if (check_due_ && idle() && !hung_up())
        ask();
    while (idle() && !queue_.empty()) {
        auto& next = queue_.front();
        queue_.pop_front();
        send_or_refuse(next);
    }
}

void Session::send(Operation& operation) {
    attempts_ = 0;
    current_ = &operation;
    traits_ = operation.traits;
    awaiting_ = Awaiting::command;
    replies().expect(traits_.form);
    transmit(operation.line);
}

void Session::transmit(std::string_view line) {
    observe(true, line);
    std::error_code error;
    std::size_t taken = 0;
    if (backlog_.empty()) {
        taken = transport_.write_some(line, error);
        if (error) {
            // Nothing more can be sent, so nothing more will be answered.
            note_fault(error);
            severed_ = true;
            note_hangup(End::disconnected);
            fail_all(hangup_);
            wake_watchers_later();
            return;
        }
        if (taken == line.size())
            return;
        transport_.wait_writable();
    }
    line.remove_prefix(taken);
    if (line.size() > limits_.backlog_bytes - std::min(backlog_.size(), limits_.backlog_bytes))
        stop_sending();
    else
        backlog_.append(line);
}

/// A peer that answers without reading would have the backlog grow for ever.
void Session::stop_sending() {
    severed_ = true;
    note_hangup(End::disconnected);
    // Nobody may be resumed from here: it may be a command's own call that sends.
    run_later([this] {
        if (!closed_ && !broken_)
            protocol_error(
                Fault::not_reading,
                "it does not read: " + std::to_string(backlog_.size()) + " bytes wait for it"
            );
    });
}

void Session::on_writable() {
    if (closed_)
        return;
    std::error_code error;
    const auto taken = transport_.write_some(backlog_, error);
    if (error) {
        input_ended(error);
        return;
    }
    backlog_.erase(0, taken);
    if (!backlog_.empty())
        transport_.wait_writable();
}

void Session::observe(bool sent, std::string_view line) {
    if (observed_)
        owner_.on_line(sent, without_line_feed(line));
}

}  // namespace costrix::agi::detail
