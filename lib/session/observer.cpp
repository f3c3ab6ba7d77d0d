// SPDX-License-Identifier: MIT
// Names for what observers are told, and one observer that stands for several.
#include <costrix/agi/observer.hpp>

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// Calls `function` with each of them, whatever the others throw; then rethrows the first
/// exception.
template <class Pointers, class Function>
void for_each(const Pointers& pointers, Function function) {
    std::exception_ptr failure;
    for (const auto& pointer : pointers) {
        try {
            function(*pointer);
        } catch (...) {
            if (!failure)
                failure = std::current_exception();
        }
    }
    if (failure)
        std::rethrow_exception(failure);
}

class CallObservers final : public CallObserver {
public:
    explicit CallObservers(std::vector<std::unique_ptr<CallObserver>> all)
        : all_(std::move(all)), wants_lines_(std::any_of(
                                    all_.begin(),
                                    all_.end(),
                                    [](const auto& observer) { return observer->wants_lines(); }
                                )),
          wants_audio_(std::any_of(all_.begin(), all_.end(), [](const auto& observer) {
              return observer->wants_audio();
          })) {}

    void on_command(const SentCommand& sent) override {
        for_each(all_, [&](auto& observer) { observer.on_command(sent); });
    }
    void on_finished(const FinishedCommand& finished) override {
        for_each(all_, [&](auto& observer) { observer.on_finished(finished); });
    }
    void on_interruption(bool late) override {
        for_each(all_, [&](auto& observer) { observer.on_interruption(late); });
    }
    void on_hangup(bool before) override {
        for_each(all_, [&](auto& observer) { observer.on_hangup(before); });
    }
    void on_disconnect() override {
        for_each(all_, [&](auto& observer) { observer.on_disconnect(); });
    }
    void on_audio_open() override {
        for_each(all_, [&](auto& observer) { observer.on_audio_open(); });
    }
    void on_audio_closed(const AudioLineCounters& counters) override {
        for_each(all_, [&](auto& observer) { observer.on_audio_closed(counters); });
    }
    void on_error(const CallError& error) override {
        for_each(all_, [&](auto& observer) { observer.on_error(error); });
    }
    void on_end(const EndedCall& end) override {
        for_each(all_, [&](auto& observer) { observer.on_end(end); });
    }
    bool wants_lines() const noexcept override { return wants_lines_; }
    void on_line(bool sent, std::string_view line) override {
        for_each(all_, [&](auto& observer) {
            if (observer.wants_lines())
                observer.on_line(sent, line);
        });
    }
    bool wants_audio() const noexcept override { return wants_audio_; }
    void on_audio(const AudioEvent& event) override {
        for_each(all_, [&](auto& observer) {
            if (observer.wants_audio())
                observer.on_audio(event);
        });
    }

private:
    const std::vector<std::unique_ptr<CallObserver>> all_;
    const bool wants_lines_;
    const bool wants_audio_;
};

class Observers final : public Observer {
public:
    explicit Observers(std::vector<std::shared_ptr<Observer>> all) : all_(std::move(all)) {}

    std::unique_ptr<CallObserver> on_call(const ObservedCall& call) override {
        std::vector<std::unique_ptr<CallObserver>> calls;
        calls.reserve(all_.size());
        for (const auto& observer : all_) {
            if (auto one = observer->on_call(call))
                calls.push_back(std::move(one));
        }
        if (calls.size() > 1)
            return std::make_unique<CallObservers>(std::move(calls));
        return calls.empty() ? nullptr : std::move(calls.front());
    }
    void on_refusal(const Refusal& refusal) override {
        for_each(all_, [&](auto& observer) { observer.on_refusal(refusal); });
    }
    void on_overload(bool full) override {
        for_each(all_, [&](auto& observer) { observer.on_overload(full); });
    }
    void on_drain(std::size_t sessions) override {
        for_each(all_, [&](auto& observer) { observer.on_drain(sessions); });
    }
    void on_audio_open(const Uuid& uuid) override {
        for_each(all_, [&](auto& observer) { observer.on_audio_open(uuid); });
    }
    void on_audio_closed(const Uuid& uuid, const AudioLineCounters& counters) override {
        for_each(all_, [&](auto& observer) { observer.on_audio_closed(uuid, counters); });
    }

private:
    const std::vector<std::shared_ptr<Observer>> all_;
};

}  // namespace

std::string_view to_string(FinishedCommand::How how) noexcept {
    constexpr std::string_view kNames[] = {"replied", "stopped", "lost"};
    return kNames[static_cast<std::size_t>(how)];
}

std::string_view to_string(CallOutcome outcome) noexcept {
    constexpr std::string_view kNames[] = {
        "returned", "hung_up", "timed_out", "cancelled", "failed", "refused", "no_route", "fault"};
    return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(CallError::Kind kind) noexcept {
    constexpr std::string_view kNames[] = {
        "handler", "stray_exception", "peer", "internal", "time_limit"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Refusal::Reason reason) noexcept {
    constexpr std::string_view kNames[] = {
        "address",
        "per_peer",
        "path",
        "no_route",
        "admission",
        "health_probe",
        "environment",
        "internal"};
    return kNames[static_cast<std::size_t>(reason)];
}

std::shared_ptr<Observer> observe_all(std::vector<std::shared_ptr<Observer>> observers) {
    std::erase(observers, nullptr);
    if (observers.size() == 1)
        return std::move(observers.front());
    return observers.empty() ? nullptr : std::make_shared<Observers>(std::move(observers));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
