// SPDX-License-Identifier: MIT
// What a session tells the observer of its call, and whose time it measures.
#include "protocol/own_commands.hpp"
#include "session/session.hpp"

#include <costrix/agi/detail/metered_call.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// Functions of their own, so that what goes to a MeteredCall needs no memory for them.

[[gnu::noinline]] void tell_sent(Session& session, const Operation& operation) noexcept {
    session.tell([&](CallObserver& observer) {
        const auto now = session.now();
        observer.on_command(
            {command_name(operation.traits),
             without_line_feed(operation.line),
             MeteredCall::pass(observer, now),
             now,
             operation.traits.number}
        );
    });
}

[[gnu::noinline]] void tell_finished(
    Session& session,
    const CommandTraits& command,
    End end,
    const Reply& reply
) noexcept {
    using How = FinishedCommand::How;
    const auto tell = [&](How how, const Reply& its_reply) {
        session.tell([&](CallObserver& observer) {
            const auto now = session.now();
            const auto took = MeteredCall::pass(observer, now);
            observer.on_finished({command_name(command), how, its_reply, took, now, command.number}
            );
        });
    };
    if (end == End::cancelled)
        tell(How::stopped, {});
    else
        tell(end == End::disconnected ? How::lost : How::replied, reply);
}

}  // namespace

void Session::set_observer(std::unique_ptr<CallObserver> observer) noexcept {
    observer_ = std::move(observer);
    if (!observer_)
        return dialogue_.observe_commands(Observed::by_nobody);
    const bool metered = MeteredCall::from(*observer_) && !wheel_.stopped();
    dialogue_.observe_commands(metered ? Observed::by_meter : Observed::by_events);
    MeteredCall::pass(*observer_, wheel_.now());
    if (observer_->wants_lines())
        observe_lines();
    if (!hung_up())
        return;
    if (observer_->wants_lines())
        tell([](CallObserver& early) { early.on_line(false, "HANGUP"); });
    tell([](CallObserver& early) { early.on_hangup(false); });
}

void Session::on_line(bool sent, std::string_view line) noexcept {
    tell([sent, line](CallObserver& observer) {
        if (observer.wants_lines())
            observer.on_line(sent, line);
    });
    try {
        owner_.on_line(sent, line);
    } catch (...) {  // a lost line of a log or recording changes nothing
    }
}

void Session::on_sending(const Operation& operation) noexcept {
    if (dialogue_.commands_observed() != Observed::by_meter)
        return tell_sent(*this, operation);
    auto& call = static_cast<MeteredCall&>(*observer_);
    const auto turn_around = MeteredCall::pass(call, steady_time());
    call.sent(operation.traits.number, operation.line, turn_around);
}

void Session::on_finished(End end, const Reply& reply) noexcept {
    if (dialogue_.commands_observed() != Observed::by_meter)
        return tell_finished(*this, dialogue_.last_traits(), end, reply);
    auto& call = static_cast<MeteredCall&>(*observer_);
    call.finished(MeteredCall::pass(call, steady_time()));
}

void Session::tell_audio(const AudioLineCounters* closed) noexcept {
    tell([closed](CallObserver& observer) {
        if (closed)
            observer.on_audio_closed(*closed);
        else
            observer.on_audio_open();
    });
}

std::uint64_t Session::observe_audio() noexcept {
    return observer_ && observer_->wants_audio() ? next_id() : 0;
}

void Session::tell_audio_event(const AudioEvent& event) noexcept {
    tell([&event](CallObserver& observer) { observer.on_audio(event); });
}

void Session::on_abandoned(End end) noexcept {
    tell([end](CallObserver& observer) { observer.on_interruption(end == End::timed_out); });
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
