// SPDX-License-Identifier: MIT
// Comes first in every public header: says in one line which C++ they need.
#pragma once

#if __cplusplus < 202002L
#error "Costrix needs C++20: compile with -std=c++20 or a later standard"
#include <costrix/needs_cpp20>  // is not there: the compiler stops here
#endif
