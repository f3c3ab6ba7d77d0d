// SPDX-License-Identifier: MIT
// What differs between Asio 1.22 and later versions.
#pragma once

#include <asio/version.hpp>

#if ASIO_VERSION >= 102400
#include <asio/as_tuple.hpp>
#else
#include <asio/experimental/as_tuple.hpp>
#endif

namespace costrix::agi::detail {

#if ASIO_VERSION >= 102400
using asio::as_tuple;
#else
using asio::experimental::as_tuple;
#endif

}  // namespace costrix::agi::detail
