// SPDX-License-Identifier: MIT
// The AMI client's calls: placed, waited for, ended.
#include "asterisk/ami_client.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>

namespace costrix::test {

namespace {

// AMI takes a comma in a Variable header for the end of the variable.
std::string variable(const std::string& name, const std::string& value) {
    return name + '=' + escape(value, "\\\",");
}

}  // namespace

std::string AmiClient::start(const CallPlan& plan) {
    // Several clients share an Asterisk, also over time.
    static const auto epoch = std::chrono::system_clock::now().time_since_epoch().count();
    static std::atomic<std::uint64_t> calls{0};
    // Asterisk takes an id that begins like another one for the same: -6 and -60, but not -6- and
    // -60-.
    const auto id = "costrix-" + std::to_string(::getpid()) + "-" + std::to_string(epoch) + "-" +
                    std::to_string(++calls) + "-";

    std::vector<std::pair<std::string, std::string>> headers{
        {"Channel", std::string("Local/run@") + context(plan.mode) + "/n"},
        {"ChannelId", id},
        {"OtherChannelId", id + "script"},
        {"Context", "costrix-party"},
        {"Exten", "run"},
        {"Priority", "1"},
        {"Timeout", std::to_string(plan.ring_timeout.count())},
        {"Async", "true"},
        {"Variable", variable("COSTRIX_ID", id)},
    };
    if (!plan.caller.empty())
        headers.emplace_back("CallerID", plan.caller);
    for (const auto& [name, value] : variables(plan))
        headers.emplace_back("Variable", variable(name, value));

    expect(id);
    try {
        action("Originate", headers);
    } catch (...) {
        const Lock lock(mutex_);
        calls_.erase(id);
        throw;
    }
    return id;
}

void AmiClient::expect(const std::string& id) {
    const Lock lock(mutex_);
    calls_[id] = {Clock::now(), {id, {}, {}, {}, {}}, false};
}

// Wants the lock held.
std::optional<CallOutcome> AmiClient::take_if_over(const std::string& id) {
    const auto call = calls_.find(id);
    if (call == calls_.end())
        fail("no call " + id + " is waited for");
    if (!call->second.over)
        return std::nullopt;
    auto outcome = std::move(call->second.outcome);
    calls_.erase(call);
    return outcome;
}

CallOutcome AmiClient::wait(const std::string& id, Milliseconds timeout) {
    std::optional<CallOutcome> outcome;
    Lock lock(mutex_);
    until(lock, Clock::now() + timeout, [&] { return (outcome = take_if_over(id)).has_value(); });
    if (outcome)
        return *std::move(outcome);
    lock.unlock();
    give_up(id);
    fail("call " + id + " is not over after " + std::to_string(timeout.count()) + " ms");
}

CallOutcome AmiClient::place(const CallPlan& plan, Milliseconds timeout) {
    return wait(start(plan), timeout);
}

std::vector<CallOutcome> AmiClient::place(
    const CallPlan& plan,
    std::size_t count,
    std::size_t concurrency,
    Milliseconds timeout
) {
    const auto deadline = Clock::now() + timeout;
    std::vector<CallOutcome> outcomes;
    std::set<std::string> running;
    const auto collect = [&] {
        const auto before = outcomes.size();
        for (auto id = running.begin(); id != running.end();) {
            auto outcome = take_if_over(*id);
            id = outcome ? running.erase(id) : std::next(id);
            if (outcome)
                outcomes.push_back(*std::move(outcome));
        }
        return outcomes.size() > before;
    };

    while (outcomes.size() < count) {
        while (running.size() < concurrency && outcomes.size() + running.size() < count)
            running.insert(start(plan));
        Lock lock(mutex_);
        until(lock, deadline, collect);
        if (Clock::now() < deadline || outcomes.size() == count)
            continue;
        lock.unlock();
        std::for_each(running.begin(), running.end(), [this](auto& id) { give_up(id); });
        fail(
            std::to_string(outcomes.size()) + " of " + std::to_string(count) +
            " calls are over after " + std::to_string(timeout.count()) + " ms"
        );
    }
    return outcomes;
}

void AmiClient::give_up(const std::string& id) noexcept {
    try {
        {
            const Lock lock(mutex_);
            calls_.erase(id);
        }
        hang_up(id);
    } catch (const std::exception&) {
        // It is gone already, or Asterisk is; the caller throws in any case.
    }
}

void AmiClient::hang_up(const std::string& id) {
    action("Hangup", {{"Channel", id}});
}

void AmiClient::press(const std::string& id, char digit) {
    action("PlayDTMF", {{"Channel", id}, {"Digit", std::string(1, digit)}});
}

}  // namespace costrix::test
