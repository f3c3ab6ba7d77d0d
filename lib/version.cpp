// SPDX-License-Identifier: MIT
// The version that the library was built as.
#include <costrix/version.hpp>

#define COSTRIX_TEXT(number) #number
#define COSTRIX_DOTTED(major, minor, patch)                                                        \
    COSTRIX_TEXT(major) "." COSTRIX_TEXT(minor) "." COSTRIX_TEXT(patch)

namespace costrix::inline COSTRIX_ABI {

const char* version() noexcept {
    return COSTRIX_DOTTED(COSTRIX_VERSION_MAJOR, COSTRIX_VERSION_MINOR, COSTRIX_VERSION_PATCH);
}

}  // namespace costrix::inline COSTRIX_ABI
