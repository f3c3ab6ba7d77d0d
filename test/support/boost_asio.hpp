// SPDX-License-Identifier: MIT
// Comes before every source of the tests and samples that is built with Boost.Asio, so that it can
// say asio:: in both builds.
#pragma once

#include <costrix/asio.hpp>

namespace asio = boost::asio;
