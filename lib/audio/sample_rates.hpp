// SPDX-License-Identifier: MIT
// Which sample rates can be written.
#pragma once

#include <costrix/agi/detail/config.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Throws AGIUsageError if AudioSocket has no such rate.
void check_sample_rate(unsigned sample_rate);
/// The same, and if this Asterisk takes 8 kHz only.
void check_sample_rate(unsigned sample_rate, bool all_rates);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
