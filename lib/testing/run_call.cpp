// SPDX-License-Identifier: MIT
// Moves bytes and time between a FakeAsterisk and a handler in the same process.
#include "testing/call_runner.hpp"

#include <costrix/testing/run_call.hpp>

#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

class SimulatedPeer final : public detail::Peer {
public:
    explicit SimulatedPeer(FakeAsterisk& asterisk) : asterisk_(asterisk) {}

    void receive(std::string_view bytes) override { asterisk_.receive(bytes); }
    std::string take_output() override { return asterisk_.take_output(); }
    std::vector<std::shared_ptr<detail::AudioLeg>> take_audio_connections() override {
        return asterisk_.take_audio_connections();
    }
    bool closed() const override { return asterisk_.closed(); }
    std::optional<std::chrono::nanoseconds> next_event() const override {
        return asterisk_.next_event();
    }
    void advance(std::chrono::nanoseconds time) override { asterisk_.advance(time); }

private:
    FakeAsterisk& asterisk_;
};

}  // namespace

FakeAsterisk
run_call(Scenario scenario, const CallFlow& flow, std::function<void(const Event&)> observer) {
    FakeAsterisk asterisk(std::move(scenario));
    if (observer)
        asterisk.observe(std::move(observer));
    SimulatedPeer peer(asterisk);
    detail::CallRunner runner(peer, flow, std::chrono::seconds(5));
    const bool ended = runner.run();
    const auto awaited = asterisk.busy() ? "the end of " + asterisk.texts(EventKind::command).back()
                                         : std::string("what does not come");
    asterisk.script_closed();
    while (!asterisk.closed() && asterisk.advance_to_next_event()) {
    }
    if (!ended)
        throw std::runtime_error("the handler does not end: it waits for " + awaited);
    if (const auto error = runner.error())
        std::rethrow_exception(error);
    return asterisk;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
