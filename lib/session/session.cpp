// SPDX-License-Identifier: MIT
// The conversation: what is sent when, and whom each line from Asterisk concerns.
#include "session/session.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <charconv>

namespace costrix::agi::detail {
namespace {

// Echoed by live and dead channels alike, and no other reply looks like it.
constexpr std::string_view kFencePrefix = "costrix-fence-";
// Answered with 511 by a dead channel, whatever AGISIGHUP is.
constexpr std::string_view kProbe = "CHANNEL STATUS\n";

bool has(asio::cancellation_type value, asio::cancellation_type bit) noexcept {
    return (value & bit) != asio::cancellation_type::none;
}

std::string_view without_line_feed(std::string_view line) noexcept {
    return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace

Session::Session(Transport& transport, SessionOwner& owner, SessionLimits limits)
    : transport_(transport), owner_(owner), executor_(transport.get_executor()),
      registry_(asio::use_service<SessionRegistry>(executor_.context())), limits_(limits),
      environment_reader_(limits.environment), reader_(limits.reply_bytes) {}

void Session::start(const std::shared_ptr<TransportListener>& self) {
    self_ = self;
    place_ = registry_.add(*this);
    transport_.async_read_some(buffer_, self);
}

Session::~Session() {
    leave_registry();
}

void Session::leave_registry() {
    if (const auto place = std::exchange(place_, std::nullopt))
        registry_.remove(*place);
}

void Session::let_go() {
    leave_registry();
    closed_ = true;
    const auto keep_alive = self_.lock();
    transport_.close();
    const Operation current = std::move(current_);
    const auto queue = std::move(queue_);
    const auto watchers = std::move(watchers_);
}

void Session::close() {
    if (closed_)
        return;
    closed_ = true;
    leave_registry();
    transport_.close();
    severed_ = true;
    note_hangup(End::disconnected);
    fail_all(End::disconnected);
    wake_watchers();
}

// --- input ---------------------------------------------------------------------------------------

void Session::on_read(
    std::error_code error,
    std::size_t size,
    std::shared_ptr<TransportListener> self
) {
    if (closed_)
        return;
    if (error) {
        input_ended();
        return;
    }
    std::string_view input(buffer_.data(), size);
    const bool opening = environment_reader_.has_value();
    if (opening && !read_environment(input))
        return;
    if (!environment_reader_) {
        consume(input);
        if (opening && !closed_)
            owner_.on_environment({});
        settle();
    }
    if (!closed_ && !severed_)
        transport_.async_read_some(buffer_, std::move(self));
}

bool Session::read_environment(std::string_view& input) {
    const auto event = environment_reader_->next(input);
    if (event == EnvironmentReader::Event::need_more)
        return true;
    if (event != EnvironmentReader::Event::complete) {
        owner_.on_environment(to_string(event));
        return false;
    }
    environment_ = environment_reader_->take();
    environment_reader_.reset();
    if (observed_) {
        for (std::string_view left = environment_.block(); !left.empty();) {
            const auto line = left.substr(0, left.find('\n'));
            observe(false, line);
            left.remove_prefix(std::min(line.size() + 1, left.size()));
        }
    }
    command_limit_ = command_limit(environment_.version());
    if (environment_.starts_dead()) {
        hangup_ = End::hung_up;
        dead_phase_ = true;
    }
    return true;
}

void Session::consume(std::string_view input) {
    while (!closed_) {
        const auto event = reader_.next(input);
        if (event == ReplyReader::Event::need_more)
            return;
        if (event == ReplyReader::Event::too_long) {
            protocol_error("a reply over " + std::to_string(limits_.reply_bytes) + " bytes");
            return;
        }
        if (event == ReplyReader::Event::hangup) {
            observe(false, "HANGUP");
            note_hangup(End::hung_up);
            continue;
        }
        observe(false, reader_.reply().text());
        if (event == ReplyReader::Event::reply)
            take_reply();
        else if (event == ReplyReader::Event::junk)
            take_junk();
    }
}

void Session::take_reply() {
    switch (awaiting_) {
    case Awaiting::nothing:
        take_junk();
        return;
    case Awaiting::fence:
        take_fence_reply();
        return;
    case Awaiting::command:
        reader_.swap_reply(reply_);
        break;
    case Awaiting::probe:
        if (reader_.reply().code() == 511)
            note_hangup(End::hung_up);
        probed_ = true;
        break;
    }
    awaiting_ = Awaiting::nothing;
    settled_ = true;
}

/// The cancelled prompt's own reply, if it sent one, stands before the echo.
void Session::take_fence_reply() {
    if (is_fence_echo()) {
        awaiting_ = Awaiting::nothing;
        settled_ = true;
    } else {
        reader_.swap_reply(reply_);
        ended_by_itself_ = true;
    }
}

bool Session::is_fence_echo() const noexcept {
    const auto value = reader_.reply().value();
    if (!value || !value->starts_with(kFencePrefix))
        return false;
    std::uint64_t number = 0;
    const auto end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data() + kFencePrefix.size(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end && number == fences_;
}

/// A line that answers nothing. A value with newlines in it leaves such lines behind when one of
/// them ends in ')'; from anywhere else it means that the peer does not speak AGI.
void Session::take_junk() {
    const bool tolerable = awaiting_ == Awaiting::nothing || value_before_;
    if (tolerable && ++junk_lines_ <= limits_.junk_lines)
        return;
    const auto line = reader_.reply().text().substr(0, 80);
    if (current_.completion)
        fail_later(std::move(current_), End::replied, reader_.reply());
    protocol_error("a line that is no reply: \"" + std::string(line) + '"');
}

void Session::input_ended() {
    severed_ = true;
    if (environment_reader_) {
        owner_.on_environment(
            environment_reader_->size() == 0 ? "never came"
                                             : to_string(EnvironmentReader::Event::need_more)
        );
        return;
    }
    note_hangup(End::disconnected);
    fail_all(hangup_);
    wake_watchers();
}

void Session::protocol_error(std::string_view what) {
    const std::string reason(what);
    owner_.on_protocol_error(reason);
    close();
}

// --- outcome -------------------------------------------------------------------------------------

/// After a chunk has been read to its end: resumes whoever it concerned, and sends what waits.
void Session::settle() {
    if (closed_)
        return;
    if (settled_ && needs_probe())
        send_probe();
    if (settled_)
        complete_current();
    if (hung_up())
        wake_watchers();
}

bool Session::needs_probe() const noexcept {
    return current_.completion && current_.traits.ambiguous && !probed_ && !hung_up() &&
           (!fenced_ || ended_by_itself_) && reply_.code() == 200 && reply_.number() == -1;
}

void Session::complete_current() {
    Operation done = std::move(current_);
    const bool stopped = fenced_ && !ended_by_itself_;
    settled_ = fenced_ = ended_by_itself_ = probed_ = false;
    value_before_ = done.traits.form == ReplyForm::value;
    ++commands_;
    End end = stopped ? End::cancelled : End::replied;
    if (!stopped && reply_.code() == 511) {
        if (hung_up() && !dead_phase_)
            end = hangup_;
        note_hangup(End::hung_up);
    } else if (!stopped && hung_up() && done.traits.ambiguous && reply_.number() == -1) {
        end = hangup_;
    }
    send_next();
    if (done.completion)
        std::move(done.completion)({end, reply_, done.line});
    else
        give_back(std::move(done.line));
}

void Session::note_hangup(End how) {
    if (!hung_up())
        hangup_ = how;
}

void Session::wake_watchers() {
    if (watchers_.empty())
        return;
    auto woken = std::move(watchers_);
    watchers_.clear();
    const Reply none;
    std::string line;
    for (auto& watcher : woken)
        std::move(watcher.completion)({End::replied, none, line});
}

// --- output --------------------------------------------------------------------------------------

CommandLine Session::new_line() {
    return CommandLine(command_limit_, std::exchange(spare_line_, std::string()));
}

void Session::give_back(std::string&& line) noexcept {
    constexpr std::size_t kKeptCapacity = 1024;
    if (line.capacity() > spare_line_.capacity() && line.capacity() <= kKeptCapacity)
        spare_line_ = std::move(line);
}

std::uint64_t Session::submit(Operation&& operation) {
    const auto id = operation.id = ++last_id_;
    if (idle())
        send_or_refuse(std::move(operation));
    else
        queue_.push_back(std::move(operation));
    return id;
}

void Session::send_or_refuse(Operation&& operation) {
    if (severed_ || (hung_up() && !dead_phase_))
        fail_later(std::move(operation), hangup_);
    else if (hung_up() && !operation.traits.dead)
        fail_later(std::move(operation), End::dead);
    else
        send(std::move(operation));
}

void Session::send_next() {
    while (idle() && !queue_.empty()) {
        Operation next = std::move(queue_.front());
        queue_.erase(queue_.begin());
        send_or_refuse(std::move(next));
    }
}

void Session::send(Operation&& operation) {
    current_ = std::move(operation);
    awaiting_ = Awaiting::command;
    reader_.expect(current_.traits.form);
    transmit(current_.line);
}

void Session::send_probe() {
    settled_ = false;
    awaiting_ = Awaiting::probe;
    reader_.expect(ReplyForm::line);
    transmit(kProbe);
}

void Session::send_fence() {
    awaiting_ = Awaiting::fence;
    fenced_ = true;
    const auto number = std::to_string(++fences_);
    reader_.expect(ReplyForm::line);
    transmit("GET FULL VARIABLE \"" + std::string(kFencePrefix) + number + "\"\n");
}

void Session::transmit(std::string_view line) {
    observe(true, without_line_feed(line));
    std::error_code error;
    std::size_t taken = 0;
    if (backlog_.empty()) {
        taken = transport_.write_some(line, error);
        if (error) {
            // Replies may still be unread; whatever the reader finds comes first.
            severed_ = true;
            note_hangup(End::disconnected);
            if (current_.completion)
                fail_later(std::move(current_), hangup_);
            return;
        }
        if (taken == line.size())
            return;
        transport_.async_wait_writable(self_.lock());
    }
    backlog_.append(line.substr(taken));
}

void Session::on_writable(std::error_code error, std::shared_ptr<TransportListener> self) {
    if (closed_ || error)
        return;
    const auto taken = transport_.write_some(backlog_, error);
    if (error) {
        input_ended();
        return;
    }
    backlog_.erase(0, taken);
    if (!backlog_.empty())
        transport_.async_wait_writable(std::move(self));
}

void Session::observe(bool sent, std::string_view line) {
    if (observed_)
        owner_.on_line(sent, line);
}

// --- cancellation and failure --------------------------------------------------------------------

std::uint64_t Session::watch(Completion&& completion) {
    watchers_.push_back({++last_id_, std::move(completion)});
    if (hung_up()) {
        asio::post(executor_, [this, self = self_.lock()] {
            if (self)
                wake_watchers();
        });
    }
    return last_id_;
}

void Session::cancel(std::uint64_t id, asio::cancellation_type type) {
    if (current_.id == id && current_.completion) {
        abandon(type);
        return;
    }
    const auto queued =
        std::find_if(queue_.begin(), queue_.end(), [id](const auto& one) { return one.id == id; });
    if (queued != queue_.end()) {
        Operation operation = std::move(*queued);
        queue_.erase(queued);
        fail_later(std::move(operation), End::cancelled);
        return;
    }
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

/// Gives up the command in flight; see AGI::execute for what each type means.
void Session::abandon(asio::cancellation_type type) {
    const bool at_once = has(type, asio::cancellation_type::terminal);
    const bool stoppable = current_.traits.interruptible && awaiting_ != Awaiting::probe;
    if (!at_once && !stoppable && !has(type, asio::cancellation_type::partial))
        return;
    if (stoppable && !fenced_)
        send_fence();
    if (!at_once && stoppable)
        return;
    Operation given_up;
    given_up.line = without_line_feed(current_.line);
    given_up.completion = std::move(current_.completion);
    fail_later(std::move(given_up), End::cancelled);
}

/// Tells the awaiter, but never from within the call that it made.
void Session::fail_later(Operation&& operation, End end, Reply reply) {
    if (!operation.completion)
        return;
    asio::post(
        executor_,
        [self = self_.lock(), operation = std::move(operation), end, reply = std::move(reply)](
        ) mutable {
            if (self)
                std::move(operation.completion)({end, reply, operation.line});
        }
    );
}

void Session::fail_all(End end) {
    awaiting_ = Awaiting::nothing;
    settled_ = false;
    fail_later(std::move(current_), end);
    for (auto& operation : queue_)
        fail_later(std::move(operation), end);
    queue_.clear();
}

}  // namespace costrix::agi::detail
