// SPDX-License-Identifier: MIT
// What a session tells the observer of its call, and whose time it measures.
#include "protocol/own_commands.hpp"
#include "session/session.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void Session::set_observer(std::unique_ptr<CallObserver> observer) noexcept {
    observer_ = std::move(observer);
    dialogue_.observe_commands(observer_ != nullptr);
    if (!observer_)
        return;
    observer_->since_ = wheel_.now();
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
    tell([&](CallObserver& observer) {
        const auto now = wheel_.now();
        const auto turn_around = now - std::exchange(observer.since_, now);
        observer.on_command(
            {command_name(operation.traits),
             without_line_feed(operation.line),
             turn_around,
             now,
             operation.traits.number}
        );
    });
}

void Session::on_finished(const CommandTraits& command, Finish how, const Reply& reply) noexcept {
    tell([&](CallObserver& observer) {
        const auto now = wheel_.now();
        const auto took = now - std::exchange(observer.since_, now);
        observer.on_finished(
            {command_name(command),
             static_cast<FinishedCommand::How>(how),
             reply,
             took,
             now,
             command.number}
        );
    });
}

void Session::tell_audio(const AudioLineCounters* closed) noexcept {
    tell([closed](CallObserver& observer) {
        if (closed)
            observer.on_audio_closed(*closed);
        else
            observer.on_audio_open();
    });
}

void Session::on_abandoned(End end) noexcept {
    tell([end](CallObserver& observer) { observer.on_interruption(end == End::timed_out); });
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
