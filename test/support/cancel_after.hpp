// SPDX-License-Identifier: MIT
// asio::cancel_after, where this Asio has it.
#pragma once

#include <costrix/asio.hpp>

#if COSTRIX_ASIO_VERSION >= 103300
#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/cancel_after.hpp>
#else
#include <asio/cancel_after.hpp>
#endif
#endif
