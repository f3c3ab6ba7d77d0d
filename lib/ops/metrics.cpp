// SPDX-License-Identifier: MIT
// Metrics: hands each event to the store.
#include "ops/call_record.hpp"
#include "ops/store.hpp"

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/ops/metrics.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::ops {
namespace {

/// Whose connection was refused, as far as is known.
std::string who(const agi::Refusal& refusal) {
    std::string text;
    if (const auto* environment = refusal.environment) {
        text.append(environment->unique_id()).append(" ").append(environment->channel());
        if (refusal.request)
            text.append(" ").append(refusal.request->path);
    } else if (refusal.request && refusal.request->peer) {
        text = refusal.request->peer->address().to_string();
    }
    return text;
}

}  // namespace

Metrics::Metrics() : store_(std::make_unique<detail::Store>()) {}

Metrics::~Metrics() = default;

std::unique_ptr<agi::CallObserver> Metrics::on_call(const agi::ObservedCall& call) {
    return detail::CallRecord::make(*store_, call);
}

void Metrics::on_refusal(const agi::Refusal& refusal) {
    if (refusal.reason != agi::Refusal::Reason::health_probe)
        store_->add_event(to_string(refusal.reason), refusal.what, who(refusal));
}

void Metrics::on_overload(bool full) {
    store_->on_overload(full);
}

void Metrics::on_drain(std::size_t sessions) {
    store_->on_drain(sessions);
}

void Metrics::on_audio_closed(const agi::Uuid&, const agi::AudioLineCounters& counters) {
    store_->shard().add_audio(counters);
}

}  // namespace costrix::inline COSTRIX_ABI::ops
