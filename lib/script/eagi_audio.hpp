// SPDX-License-Identifier: MIT
// EAGI's audio, on descriptor 3.
#pragma once

#include "audio/audio_source.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Opens it. Lifetime, errors, cancellation: as open_audio().
asio::awaitable<std::shared_ptr<AudioSource>>
open_eagi_audio(AGI& call, std::chrono::milliseconds buffer);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
