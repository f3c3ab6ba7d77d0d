// SPDX-License-Identifier: MIT
// Metrics: the observer that counts for an Endpoint, and knows what each call waits for.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>

#include <memory>

namespace costrix::inline COSTRIX_ABI::ops {

namespace detail {
class Store;
}

/// Observes the calls of one FastAGIServer: set it as Options::observer, and give it to an
/// Endpoint.
///
/// It keeps, in histograms, our turn-around by route and the duration of commands by command; and a
/// record for each call: 62 bytes of memory. With several observers, pass it to agi::observe_all().
///
/// Thread safety: all functions may be called from any thread. Each event loop counts on cache
/// lines of its own.
class Metrics final : public agi::Observer {
public:
    Metrics();
    ~Metrics() override;

    std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall& call) override;
    void on_refusal(const agi::Refusal& refusal) override;
    void on_overload(bool full) override;
    void on_drain(std::size_t sessions) override;
    void on_audio_closed(const agi::Uuid& uuid, const agi::AudioLineCounters& counters) override;

    /// What an Endpoint reads.
    detail::Store& store() const noexcept { return *store_; }

private:
    std::unique_ptr<detail::Store> store_;
};

}  // namespace costrix::inline COSTRIX_ABI::ops
