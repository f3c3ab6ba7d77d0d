// SPDX-License-Identifier: MIT
// How a dialogue ends, and the faults that end it: a bad environment, lines that answer nothing.
#include "dialogue/dialogue.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

Fault fault_of(EnvironmentReader::Event event) noexcept {
    switch (event) {
    case EnvironmentReader::Event::not_agi:
        return Fault::not_agi;
    case EnvironmentReader::Event::proxy_header:
        return Fault::unexpected_proxy_header;
    default:
        return Fault::environment_too_long;
    }
}

}  // namespace

bool Dialogue::read_environment(std::string_view& input) {
    auto& reader = *std::get_if<EnvironmentReader>(&reader_);
    const auto event = reader.next(input);
    if (event == EnvironmentReader::Event::need_more)
        return false;
    if (event != EnvironmentReader::Event::complete) {
        break_off(fault_of(event), std::string("the environment ").append(to_string(event)));
        return false;
    }
    const bool carriage_returns = reader.has_carriage_returns();
    environment_ = reader.take();
    if (environment_.ambiguous()) {
        break_off(
            Fault::environment_forged,
            "the environment has a value with a newline that could be Asterisk's next line"
        );
        return false;
    }
    reader_.emplace<ReplyReader>(limits_.reply_bytes, limits_.reply_line_bytes);
    replies().swap_reply(reply_);  // which has a buffer
    replies().drop_carriage_returns(carriage_returns);
    state_ = State::idle;
    for (auto left = environment_.block(); lines_observed_ && !left.empty();) {
        const auto line = left.substr(0, left.find('\n'));
        effects_.on_line(false, line);
        left.remove_prefix(std::min(line.size() + 1, left.size()));
    }
    return true;
}

/// A line that answers nothing. A value with newlines leaves such lines behind if one of them ends
/// in ')'; from anywhere else it means that the peer does not speak AGI.
///
/// Asterisk sends nothing unasked but HANGUP. So what comes before the first reply was cut off the
/// environment by an empty line in a value, or did not wait for its command.
void Dialogue::take_junk() {
    const auto& reply = replies().reply();
    const auto text = reply.text();
    const bool unasked = state_ == State::idle || state_ == State::settled;
    const bool settled_value = state_ == State::settled && traits_.form != ReplyForm::line;
    const bool first = commands_ == 0 && !after_value_ && !settled_value;
    const bool forged = first && text.starts_with("agi_");
    const bool early = commands_ == 0 && state_ == State::idle && !hung_up() && reply.code() != 0;
    const bool tolerable = (unasked || after_value_) && !forged && !early;
    if (tolerable && ++junk_lines_ <= limits_.junk_lines)
        return;
    const std::string_view what = forged  ? "a line of the environment after its empty line: \""
                                  : early ? "a reply that came before its command: \""
                                          : "a line that is no reply: \"";
    const auto why = std::string(what).append(text.substr(0, 80)) + '"';
    if (!forged)
        fail_current(End::replied, reply);
    break_off(forged ? Fault::environment_forged : Fault::not_a_reply, why);
}

void Dialogue::break_off(Fault fault, std::string_view why) {
    fail_all(End::disconnected);
    end(End::disconnected);
    effects_.on_fault(fault, why);
}

void Dialogue::fail_current(End end, const Reply& reply) {
    if (auto* const operation = std::exchange(current_, nullptr))
        effects_.fail(*operation, end, reply);
}

void Dialogue::fail_all(End end) {
    fail_current(end);
    while (!queue_.empty())
        effects_.fail(queue_.take_front(), end, {});
}

void Dialogue::end(End how) {
    // Whether Asterisk still has a command of the handler's, or its outcome has not been reported.
    const bool has_command = state_ == State::running || state_ == State::stopping ||
                             state_ == State::checking_status || state_ == State::settled ||
                             (state_ == State::checking_hangup && answer_ == Answer::refused);
    if (commands_observed_ != Observed::by_nobody && has_command)
        effects_.on_finished(End::disconnected, {});
    state_ = State::ended;
    note_hangup(how);
    fail_all(hangup());
}

/// Of two that have been exchanged, the one that was lent.
std::string Dialogue::take_buffer() noexcept {
    outcome_ = &reply_;
    auto buffer = std::move(reply_).release();
    if (std::holds_alternative<ReplyReader>(reader_)) {
        replies().swap_reply(reply_);
        auto other = std::move(reply_).release();
        if (other.capacity() > buffer.capacity())
            buffer.swap(other);
    }
    return buffer;
}

void Dialogue::drop_all() noexcept {
    if (current_)
        std::exchange(current_, nullptr)->drop();
    queue_.drop_all();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
