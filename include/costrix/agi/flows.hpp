// SPDX-License-Identifier: MIT
// Call flows: questions, menus, recordings and prompts on top of the commands.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/ask.hpp>
#include <costrix/agi/flows/menu.hpp>
#include <costrix/agi/flows/prompt.hpp>
#include <costrix/agi/flows/record_message.hpp>
#include <costrix/agi/flows/sounds.hpp>
#include <costrix/agi/flows/spell.hpp>
