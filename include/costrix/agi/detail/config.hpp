// SPDX-License-Identifier: MIT
// Comes first in every public header: which C++ they need, and which Asio they are for.
#pragma once

#if __cplusplus < 202002L
#error "Costrix needs C++20: compile with -std=c++20 or a later standard"
#include <costrix/needs_cpp20>  // is not there: the compiler stops here
#endif

// An inline namespace around everything of ours: what is compiled for one Asio does not link with
// what is compiled for the other, and a program may contain both.
#ifdef COSTRIX_BOOST_ASIO
#define COSTRIX_ABI boost_asio
#else
#define COSTRIX_ABI standalone_asio
#endif
