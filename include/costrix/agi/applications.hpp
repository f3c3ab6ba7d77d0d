// SPDX-License-Identifier: MIT
// Dialplan applications with their options and results.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/applications/dial.hpp>
#include <costrix/agi/applications/media.hpp>
#include <costrix/agi/applications/queue.hpp>
