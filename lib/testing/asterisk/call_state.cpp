// SPDX-License-Identifier: MIT
// The simulated call's state and the caller's agenda.

#include "testing/asterisk/call_state.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// A Local channel has two halves; the script's is ;2 and the caller's ;1.
std::string partner(std::string channel) {
    if (channel.ends_with(";2"))
        channel.back() = '1';
    return channel;
}

// Asterisk adds the file extension itself, and accepts no lists here.
bool is_plain_name(std::string_view file) {
    if (file.empty() || file.find('&') != std::string_view::npos)
        return false;
    const auto ends_in = [&](std::string_view end) { return file.ends_with(end); };
    return !ends_in(".wav") && !ends_in(".gsm") && !ends_in(".ulaw") && !ends_in(".sln");
}

// The files that SAY uses exist without being listed.
std::optional<Time> spoken_length(std::string_view file) {
    const auto slash = file.find('/');
    const auto folder = slash == std::string_view::npos ? "" : file.substr(0, slash);
    if (folder == "digits" || folder == "letters" || folder == "phonetic")
        return std::chrono::milliseconds(800);
    return std::nullopt;
}

}  // namespace

Scenario with_ids(Scenario scenario) {
    static std::atomic<unsigned> calls = 0;
    const auto& data = scenario.data();
    if (!data.channel.empty() && !data.unique_id.empty())
        return scenario;
    const auto number = ++calls;
    if (data.channel.empty()) {
        std::array<char, 32> name{};
        std::snprintf(name.data(), name.size(), "Local/caller@default-%08x;2", number);
        scenario.channel(name.data());
    }
    if (data.unique_id.empty())
        scenario.unique_id(std::to_string(data.epoch) + "." + std::to_string(number));
    return scenario;
}

CallState::CallState(Scenario scenario)
    : scenario_(with_ids(std::move(scenario))), answered_(data().answered || data().dead),
      hung_up_(data().dead), variables_(data().variables), database_(data().database) {
    caller_id = {.name = data().caller_name, .number = data().caller_number};
    location = {data().context, data().extension, data().priority};
    language = data().language;
    audio_.caller().phone = {data().packet_length, data().suppresses_silence};
    audio_.caller().keeps = data().keeps_events;
    for (const auto& [at, sound] : data().spoken)
        audio_.caller().say(at, sound);
    for (const auto& action : data().timed) {
        const bool key = action.kind == TimedAction::Kind::key;
        schedule(action.at + (key ? data().key_length : Time{}), action.kind, action.value);
    }
}

void CallState::schedule(Time at, TimedAction::Kind kind, std::string value) {
    if (kind == TimedAction::Kind::key)
        audio_.caller().hold_key(at - data().key_length, at);
    agenda_.emplace(at, TimedAction{kind, at, std::move(value)});
}

std::optional<Time> CallState::next_action() const {
    std::optional<Time> next = hung_up_ ? std::nullopt : autohangup_;
    if (!hung_up_ && !agenda_.empty() && (!next || agenda_.begin()->first <= *next))
        next = agenda_.begin()->first;
    return next;
}

TimedAction CallState::take_action() {
    if (autohangup_ && (agenda_.empty() || *autohangup_ < agenda_.begin()->first)) {
        const auto at = *autohangup_;
        autohangup_.reset();
        return {TimedAction::Kind::hangup, at, "SET AUTOHANGUP"};
    }
    auto action = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    return action;
}

void CallState::will_press(std::string_view keys, Time after, Time gap) {
    auto at = now_ + after + data().key_length;
    for (const char key : keys) {
        schedule(at, TimedAction::Kind::key, std::string(1, key));
        at += gap;
    }
}

void CallState::will_send_message() {
    if (message_ < data().messages.size()) {
        const auto& message = data().messages[message_++];
        schedule(now_ + message.first_after, TimedAction::Kind::text, message.keys);
    }
}

void CallState::set_autohangup(std::optional<Time> after) {
    autohangup_ = after ? std::optional<Time>(later(now_, *after)) : std::nullopt;
}

std::size_t CallState::times_begun(std::string_view prompt) const {
    const auto found = times_begun_.find(prompt);
    return found == times_begun_.end() ? 0 : found->second;
}

void CallState::respond_to(const std::string& prompt) {
    const auto before = times_begun_[prompt]++;
    if (const auto found = data().responses.find(prompt); found != data().responses.end()) {
        const auto& list = found->second;
        const auto& chosen = list[std::min(before, list.size() - 1)];
        will_press(chosen.keys, chosen.first_after, chosen.gap);
    }
    if (const auto found = data().spoken_during.find(prompt); found != data().spoken_during.end()) {
        const auto& list = found->second;
        const auto& [after, sound] = list[std::min(before, list.size() - 1)];
        audio_.caller().say(now_ + after, sound);
    }
    if (const auto found = data().hangups.find(prompt); found != data().hangups.end())
        schedule(now_ + found->second, TimedAction::Kind::hangup, {});
}

std::optional<Time> CallState::sound(const std::string& file) const {
    if (const auto found = data().sounds.find(file); found != data().sounds.end())
        return found->second;
    const auto recorded = recordings.lower_bound(file + ".");
    if (recorded != recordings.end() && recorded->first.starts_with(file + "."))
        return recorded->second * std::chrono::microseconds(125);
    if (!is_plain_name(file) || data().absent.contains(file))
        return std::nullopt;
    return data().any_sound ? data().any_sound : spoken_length(file);
}

std::optional<Time> CallState::begin_prompt(const std::string& file, Time skip) {
    const auto length = sound(file);
    if (!length) {
        log(EventKind::missing_sound, file);
        return std::nullopt;
    }
    const auto left = std::max(*length - skip, Time{});
    log(EventKind::played, file, left);
    audio_.caller().prompt_begins(left);
    respond_to(file);
    return length;
}

void CallState::go_up() {
    if (!answered_) {
        answered_ = true;
        log(EventKind::answered, {});
    }
}

void CallState::hang_up(std::string_view by) {
    if (!hung_up_) {
        hung_up_ = true;
        audio_.hang_up();
        log(EventKind::hangup, std::string(by));
    }
}

bool CallState::is_own(std::string_view channel) const {
    return channel == data().channel || channel == partner(data().channel);
}

bool CallState::channel_exists(std::string_view channel) const {
    const auto& others = data().other_channels;
    return is_own(channel) || std::find(others.begin(), others.end(), channel) != others.end();
}

void CallState::log(EventKind kind, std::string text, Time duration) {
    if (!data().keeps_events) {
        if (observer_)
            observer_(Event(now_, kind, std::move(text), duration));
        return;
    }
    events_.emplace_back(now_, kind, std::move(text), duration);
    if (observer_) {
        const Event copy = events_.back();  // the observer may ask for more events
        observer_(copy);
    }
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
