// SPDX-License-Identifier: MIT
// A session's life: what it is asked for, what it hears, how it ends.
#include "session/session.hpp"

#include <costrix/asio.hpp>

#include <new>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

Stop stop_of(asio::cancellation_type type) noexcept {
    using asio::cancellation_type;
    if ((type & cancellation_type::terminal) != cancellation_type::none)
        return Stop::at_once;
    const bool partial = (type & cancellation_type::partial) != cancellation_type::none;
    return partial ? Stop::when_stopped : Stop::prompt_only;
}

}  // namespace

Session::Session(Transport& transport, SessionOwner& owner, const SessionLimits& limits)
    : transport_(transport), dialogue_(*this, limits), owner_(owner),
      registry_(asio::use_service<SessionRegistry>(get_executor().context())),
      wheel_(asio::use_service<TimerWheel>(get_executor().context())) {}

Session::~Session() {
    leave_context();
    dialogue_.drop_all();
    waiters_.drop_all();
    sleepers_.drop_all();
}

void Session::start() {
    const auto owner = keep_alive();
    auto buffers = registry_.add(*this);
    spare_line_ = std::move(buffers.line);
    dialogue_.lend(std::move(buffers.reply));
    wheel_.enter();
    in_context_ = true;
    const auto now = wheel_.now();
    const auto& limits = dialogue_.limits();
    if (limits.environment_time)
        wake_at(due_.phase = after(now, *limits.environment_time));
    if (limits.session_time)
        wake_at(due_.session = after(now, *limits.session_time));
    transport_.start(*this, owner);
}

void Session::leave_context() noexcept {
    if (!std::exchange(in_context_, false))
        return;
    registry_.remove(*this, {std::move(spare_line_), dialogue_.take_buffer()});
    wheel_.leave(*this);
}

/// The execution context is being destroyed.
void Session::let_go() {
    const auto self = keep_alive();
    leave_context();
    closed_ = true;
    transport_.close();
    dialogue_.drop_all();
    waiters_.drop_all();
    sleepers_.drop_all();
}

void Session::close(End how) noexcept {
    leave_context();
    end(how);
}

void Session::end(End how) noexcept {
    if (std::exchange(closed_, true))
        return;
    const auto self = keep_alive();
    transport_.close();
    dialogue_.fail_all(how);
    dialogue_.end(how);
    while (!sleepers_.empty())
        fail(sleepers_.take_front(), how, {});
}

// --- what AGI asks for ---------------------------------------------------------------------------

CommandLine Session::new_line() {
    // A cancelled coroutine that catches everything never gets as far as submit(): Asio throws from
    // its co_await without suspending it.
    if (++attempts_ > 2 * kMaxAttempts)
        throw Stopped();
    return CommandLine(command_limit_, std::move(spare_line_));
}

bool Session::finish_line(CommandLine& line) {
    line.finish();
    return line.ok() || stuck();
}

void Session::recycle_line(std::string&& line) noexcept {
    constexpr std::size_t kKeptCapacity = 1024;
    if (line.capacity() > spare_line_.capacity() && line.capacity() <= kKeptCapacity)
        spare_line_ = std::move(line);
}

void Session::submit(Operation& operation) {
    if (drop_stuck(operation))
        return;
    if (const auto watcher = watcher_.lock())
        watcher->before(operation.line);
    if (operation.deadline != Deadline::max())
        wake_at(operation.deadline);
    if (dialogue_.submit(operation))
        attempts_ = 0;
}

void Session::wait_hangup(Operation& operation) {
    if (!hung_up()) {
        waiters_.push_back(operation);
        return;
    }
    ++attempts_;
    if (!drop_stuck(operation))
        fail(operation, End::replied, {});
}

void Session::refuse(Operation& operation) {
    ++attempts_;
    if (!drop_stuck(operation))
        fail(operation, hangup(), {});
}

/// A coroutine that does nothing but retry what the end of its call has made impossible would keep
/// a processor busy. It is destroyed where it waits.
bool Session::drop_stuck(Operation& operation) {
    if (stuck())
        run_later([completion = std::move(operation.completion)] {});
    return stuck();
}

void Session::cancel(std::uint64_t id, asio::cancellation_type type) {
    if (dialogue_.cancel(id, stop_of(type), wheel_.now()))
        return;
    for (auto* const queue : {&waiters_, &sleepers_}) {
        if (auto* const operation = queue->take(id))
            fail(*operation, End::cancelled, {});
    }
}

// --- what happens to it --------------------------------------------------------------------------

void Session::on_read(error_code error, std::string_view bytes) {
    if (closed_)
        return;
    if (!stuck())
        attempts_ = 0;
    if (error)
        input_ended(error);
    else
        dialogue_.receive(bytes);
}

void Session::on_writable() {
    if (closed_)
        return;
    error_code error;
    backlog_.flush(transport_, error);
    if (error)
        input_ended(error);
}

void Session::on_sighup() {
    if (!closed_)
        dialogue_.sighup();
}

void Session::input_ended(error_code error) {
    if (error == asio::error::timed_out)
        lost_ = Fault::vanished;
    else if (error == asio::error::no_memory)
        lost_ = Fault::internal;
    const bool opening = dialogue_.state() == Dialogue::State::opening;
    const bool silent = opening && dialogue_.opening_size() == 0;
    dialogue_.end(End::disconnected);
    if (std::exchange(disconnected_, true))
        return;
    if (opening && lost_ == Fault::none)
        lost_ = silent ? Fault::silent : Fault::environment_cut;
    if (opening) {
        const auto cut = to_string(EnvironmentReader::Event::need_more);
        owner_.on_fault(lost_, std::string("the environment ").append(silent ? "never came" : cut));
        return;
    }
    tell([](CallObserver& observer) { observer.on_disconnect(); });
    owner_.on_disconnect();
    if (lost_ == Fault::vanished)
        owner_.on_fault(lost_, "its host no longer answers");
    else if (lost_ != Fault::none)
        owner_.on_fault(lost_, "out of memory");
}

// --- what the dialogue decides -------------------------------------------------------------------

bool Session::write(std::string_view line) noexcept {
    error_code error;
    try {
        if (backlog_.write(transport_, line, dialogue_.limits().backlog_bytes, error))
            return true;
        if (error == asio::error::timed_out)
            lost_ = Fault::vanished;
        if (error)
            return false;
        run_later([this] {
            if (closed_ || disconnected_)
                return;
            const auto size = std::to_string(backlog_.size());
            on_fault(Fault::not_reading, "it does not read: " + size + " bytes wait for it");
        });
    } catch (const std::bad_alloc&) {
        lost_ = Fault::internal;
    }
    return false;
}

void Session::opened() {
    if (!hung_up())  // by SIGHUP, which may be that early
        due_.phase = Deadline::max();
    const auto& interval = dialogue_.limits().channel_check_interval;
    if (interval > std::chrono::milliseconds(0))
        due_.channel_check = after(wheel_.now(), *interval);
    // Thousands of sessions that began together would otherwise wake together for nothing.
    due_.armed = next_deadline();
    if (due_.armed == Deadline::max())
        wheel_.disarm(*this);
    else
        wheel_.arm(*this, due_.armed, get_executor());
    command_limit_ = static_cast<std::uint32_t>(command_limit(environment().version()));
    owner_.on_environment();
}

/// Resumes a coroutine of the user's. An exception that leaves it, such as one that a completion
/// handler of co_spawn rethrows, is neither this session's fault nor the end of its executor.
void Session::complete(Operation& operation, End end, const Reply& reply) {
    const auto watcher = operation.line.empty() ? nullptr : watcher_.lock();
    auto completion = std::move(operation.completion);
    try {
        std::move(completion)({end, reply, operation.line});
    } catch (const std::bad_alloc&) {
        throw;
    } catch (...) {
        owner_.on_stray_exception(std::current_exception());
    }
    if (watcher)
        watcher->after();
}

/// Without memory, the coroutine is destroyed where it waits.
void Session::fail(Operation& operation, End end, const Reply& reply) noexcept {
    try {
        run_later([this,
                   completion = std::move(operation.completion),
                   line = std::move(operation.line),
                   end,
                   reply]() mutable {
            Operation late(std::move(line), {}, Deadline::max());
            late.completion = std::move(completion);
            complete(late, end, reply);
        });
    } catch (...) {
    }
}

void Session::on_hangup(bool before) noexcept {
    const auto& time = dialogue_.limits().after_hangup_time;
    if (!before && time && !closed_)
        wake_at(due_.phase = after(wheel_.now(), *time));
    tell([before](CallObserver& observer) { observer.on_hangup(before); });
    while (!waiters_.empty())
        fail(waiters_.take_front(), End::replied, {});
}

void Session::on_fault(Fault fault, std::string_view why) {
    const auto self = keep_alive();
    disconnected_ = true;
    transport_.close();
    owner_.on_fault(fault, why);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
