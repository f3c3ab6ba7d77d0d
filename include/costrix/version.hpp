// SPDX-License-Identifier: MIT
// The version of Costrix, for the preprocessor and at run time.
#pragma once

#include <costrix/agi/detail/config.hpp>

#define COSTRIX_VERSION_MAJOR 0
#define COSTRIX_VERSION_MINOR 2
#define COSTRIX_VERSION_PATCH 0

/// The version of the headers as one number that grows: 1.2.3 is 10203.
#define COSTRIX_VERSION                                                                            \
    (COSTRIX_VERSION_MAJOR * 10000 + COSTRIX_VERSION_MINOR * 100 + COSTRIX_VERSION_PATCH)

namespace costrix::inline COSTRIX_ABI {

/// The version of the library that the program is linked with, such as "1.2.3".
const char* version() noexcept;

}  // namespace costrix::inline COSTRIX_ABI
