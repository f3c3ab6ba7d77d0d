// SPDX-License-Identifier: MIT
// Which text format of metrics a request prefers.
#pragma once

#include "ops/exposition.hpp"

#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

/// `accept`: the value of the Accept header, or empty. OpenMetrics only for who prefers it.
TextFormat negotiate(std::string_view accept);

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
