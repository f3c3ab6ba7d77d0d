// SPDX-License-Identifier: MIT
// What comes from Asterisk: whom each line concerns, and who is resumed for it.
#include "session/session.hpp"
#include "session/text_pool.hpp"

#include <asio/error.hpp>

#include <algorithm>

namespace costrix::agi::detail {

void Session::on_read(std::error_code error, std::string_view input) {
    if (closed_)
        return;
    note_progress();
    if (error) {
        input_ended(error);
        return;
    }
    const bool opens = opening() != nullptr;
    if (opens && !read_environment(input))
        return;
    if (!opening()) {
        consume(input);
        if (opens)
            open_call();
        settle();
    }
}

bool Session::read_environment(std::string_view& input) {
    const auto event = opening()->next(input);
    if (event == EnvironmentReader::Event::need_more)
        return true;
    if (event != EnvironmentReader::Event::complete) {
        environment_fault(
            event == EnvironmentReader::Event::not_agi ? Fault::not_agi
                                                       : Fault::environment_too_long,
            to_string(event)
        );
        return false;
    }
    environment_ = opening()->take();
    if (environment_.ambiguous()) {
        environment_fault(
            Fault::environment_forged,
            "has a value with a newline that could be Asterisk's next line"
        );
        return false;
    }
    const bool carriage_returns = opening()->has_carriage_returns();
    Reply text(0, TextPool::take());
    auto& replies = reader_.emplace<ReplyReader>(limits_.reply_bytes, limits_.reply_line_bytes);
    replies.swap_reply(text);
    replies.drop_carriage_returns(carriage_returns);
    if (!hung_up())  // by SIGHUP, which may be as early as that
        phase_end_ = Deadline::max();
    if (limits_.channel_check_interval > std::chrono::milliseconds(0))
        next_check_ = after(wheel_.now(), *limits_.channel_check_interval);
    watch_next();
    if (observed_) {
        for (std::string_view left = environment_.block(); !left.empty();) {
            const auto line = left.substr(0, left.find('\n'));
            observe(false, line);
            left.remove_prefix(std::min(line.size() + 1, left.size()));
        }
    }
    command_limit_ = static_cast<std::uint32_t>(command_limit(environment_.version()));
    return true;
}

/// Begins the handler. In the h extension the channel is dead, unless a Goto led there: the answer
/// comes before the handler's first command goes out.
void Session::open_call() {
    if (closed_ || broken_)
        return;
    if (!hung_up() && environment_.starts_dead())
        awaiting_ = Awaiting::question;
    owner_.on_environment();
    if (awaiting_ == Awaiting::question)
        ask();
}

void Session::consume(std::string_view input) {
    auto& reader = replies();
    while (!closed_ && !broken_) {
        const auto event = reader.next(input);
        if (event == ReplyReader::Event::need_more)
            return;
        if (event == ReplyReader::Event::line_too_long || event == ReplyReader::Event::too_large) {
            const bool line = event == ReplyReader::Event::line_too_long;
            const auto most = line ? limits_.reply_line_bytes : limits_.reply_bytes;
            protocol_error(
                Fault::reply_too_long,
                (line ? "a line of a reply over " : "a reply over ") + std::to_string(most) +
                    " bytes"
            );
            return;
        }
        if (event == ReplyReader::Event::hangup) {
            observe(false, "HANGUP");
            note_hangup(End::hung_up);
            continue;
        }
        observe(false, reader.reply().text());
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
        take_own_reply();
        break;
    case Awaiting::probe:
        if (replies().reply().code() == 511)
            take_refusal();
        else
            life_ = Life::served;
        probed_ = true;
        break;
    case Awaiting::question:
        take_answer();
        return;
    }
    awaiting_ = Awaiting::nothing;
    settled_ = true;
}

/// The cancelled prompt's own reply, if it sent one, stands before the first fence's echo.
void Session::take_fence_reply() {
    const auto echo = fence_echo();
    if (echo == fences_) {
        awaiting_ = Awaiting::nothing;
        settled_ = true;
    } else if (echo == 0) {
        ended_by_itself_ = !(traits_.confirms_stop && replies().reply().number() == 1);
        take_own_reply();
    }
}

/// A line that answers nothing. A value with newlines in it leaves such lines behind when one of
/// them ends in ')'; from anywhere else it means that the peer does not speak AGI.
///
/// Asterisk sends nothing of its own but HANGUP. So what comes before the first reply was cut off
/// the environment by an empty line in a value, or did not wait for its command.
void Session::take_junk() {
    const auto& reply = replies().reply();
    const auto text = reply.text();
    const bool tail = value_before_ || (settled_ && traits_.form != ReplyForm::line);
    const bool forged = commands_ == 0 && !tail && text.starts_with("agi_");
    const bool early = commands_ == 0 && !settled_ && !hung_up() &&
                       awaiting_ == Awaiting::nothing && reply.code() != 0;
    const bool tolerable = (awaiting_ == Awaiting::nothing || value_before_) && !forged && !early;
    if (tolerable && ++junk_lines_ <= limits_.junk_lines)
        return;
    const std::string_view what = forged  ? "a line of the environment after its empty line: \""
                                  : early ? "a reply that came before its command: \""
                                          : "a line that is no reply: \"";
    const auto reason = std::string(what).append(text.substr(0, 80)) + '"';
    if (!forged)
        fail_current(End::replied, reply);
    protocol_error(forged ? Fault::environment_forged : Fault::not_a_reply, reason);
}

/// Why the connection ended, where that is worth to be told.
void Session::note_fault(std::error_code error) noexcept {
    if (fault_ != Fault::none)
        return;
    if (error == asio::error::timed_out)
        fault_ = Fault::vanished;
    else if (error == std::errc::not_enough_memory)
        fault_ = Fault::internal;
}

/// Memory ran out: that ends this session and nothing else. Who sleeps is still woken.
void Session::fail() noexcept {
    try {
        if (!closed_)
            input_ended(std::make_error_code(std::errc::not_enough_memory));
        watch_clock(next_deadline());
    } catch (...) {
        let_go();
    }
}

void Session::input_ended(std::error_code error) {
    const bool told = std::exchange(severance_told_, true);
    note_fault(error);
    severed_ = true;
    if (const auto* const reader = opening()) {
        if (told)
            return;
        const bool silent = reader->size() == 0;
        const auto cut = silent ? Fault::silent : Fault::environment_cut;
        environment_fault(
            fault_ == Fault::none ? cut : fault_,
            silent ? "never came" : to_string(EnvironmentReader::Event::need_more)
        );
        return;
    }
    if (!told) {
        if (fault_ == Fault::vanished || fault_ == Fault::internal)
            owner_.on_fault(
                fault_, fault_ == Fault::vanished ? "its host no longer answers" : "out of memory"
            );
        owner_.on_disconnect();
    }
    note_hangup(End::disconnected);
    fail_all(hangup_);
    wake_watchers();
}

/// Ends the conversation as a hangup does: a handler that is elsewhere has its time to clean up,
/// and no more than that.
void Session::protocol_error(Fault fault, std::string_view what) {
    const std::string reason(what);
    const auto keep_alive = self_.lock();
    fault_ = fault;
    broken_ = severed_ = true;
    transport_.close();
    note_hangup(End::disconnected);
    fail_all(End::disconnected);
    owner_.on_fault(fault, reason);
    wake_watchers();
}

void Session::environment_fault(Fault fault, std::string_view what) {
    fault_ = fault;
    owner_.on_fault(fault, std::string("the environment ").append(what));
}

/// After a chunk has been read to its end: resumes whoever it concerned, and sends what waits.
void Session::settle() {
    if (closed_)
        return;
    if (settled_ && needs_probe())
        send_probe();
    if (settled_ && refused_ && !hung_up())
        ask();
    if (settled_)
        complete_current();
    else
        send_next();
    if (hung_up())
        wake_watchers();
}

void Session::complete_current() {
    Operation* const done = std::exchange(current_, nullptr);
    const bool stopped = fenced_ && !ended_by_itself_;
    settled_ = fenced_ = ended_by_itself_ = probed_ = refused_ = false;
    value_before_ = traits_.form != ReplyForm::line;
    ++commands_;
    End end = stopped ? End::cancelled : End::replied;
    if (!stopped && means_hangup())
        end = hangup_;
    try {
        send_next();
    } catch (...) {
        if (done)
            queue_.push_front(*done);  // so that it is found when the session fails
        throw;
    }
    if (done)
        resume(std::move(done->completion), {end, reply_, done->line});
}

/// Calls the completion, which resumes a coroutine of the user's. An exception that leaves it, such
/// as one that a completion handler of co_spawn rethrows, is not this session's fault, and not the
/// end of whatever runs the session.
void Session::resume(Completion completion, Outcome outcome) {
    try {
        std::move(completion)(outcome);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (...) {
        owner_.on_stray_exception(std::current_exception());
    }
}

void Session::note_hangup(End how) {
    if (hung_up())
        return;
    hangup_ = how;
    if (limits_.after_hangup_time && !closed_)
        watch_clock(phase_end_ = after(wheel_.now(), *limits_.after_hangup_time));
}

/// As after a HANGUP line, a command in flight is still answered, or the input ends.
void Session::on_sighup() {
    if (closed_)
        return;
    // A 511 may have told of the same hangup a moment before.
    if (hangup_ == End::hung_up && !environment_.starts_dead())
        hangup_ = End::sighup;
    note_hangup(End::sighup);
    wake_watchers();
}

/// Those that wait now; whoever is resumed may wait again, or cancel others.
void Session::wake_watchers() {
    const auto last = last_id_;
    while (!watchers_.empty() && watchers_.front().id <= last)
        wake(watchers_);
}

/// Resumes the first of those who wait.
void Session::wake(Operations& waiting) {
    auto& operation = waiting.front();
    waiting.pop_front();
    const Reply none;
    resume(std::move(operation.completion), {End::replied, none, operation.line});
}

}  // namespace costrix::agi::detail
