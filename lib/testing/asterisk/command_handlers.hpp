// SPDX-License-Identifier: MIT
// The commands: their table, and the functions behind it by family.
#pragma once

#include "testing/asterisk/running_command.hpp"

#include <costrix/agi/detail/config.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The words of a command, its own name first, as argv in res_agi.c.
using Words = std::vector<std::string>;

/// A command either ends at once or keeps running.
using Outcome = std::variant<CommandEnd, std::unique_ptr<RunningCommand>>;

/// What carries a command out.
using Handler = Outcome(CallState& call, const Words& words);

/// A row of the command table.
struct Command {
    std::string_view name;  ///< in upper case, a blank between words
    Handler* handler;
    bool dead;  ///< works on a dead channel
};

/// The command whose name the words begin with, any letter case; null when there is none.
const Command* find_command(const Words& words);

/// The documentation of a command, empty when there is none.
std::string_view usage_text(std::string_view command);

// channel_commands.cpp
Handler answer, asyncagi_break, channel_status, hangup, noop, send_image, send_text, set_autohangup,
    set_callerid, set_context, set_extension, set_music, set_priority, tdd_mode, verbose;

// variable_commands.cpp
Handler database_del, database_deltree, database_get, database_put, get_full_variable, get_variable,
    set_variable;

// prompt_commands.cpp
Handler get_data, get_option, stream_file, wait_for_digit;

// control_stream_command.cpp
Handler control_stream_file;

// say_commands.cpp
Handler say_alpha, say_date, say_datetime, say_digits, say_number, say_phonetic, say_time;

// receive_commands.cpp
Handler receive_char, receive_text;

// record_command.cpp
Handler record_file;

// dialplan_commands.cpp
Handler exec, gosub;

// speech_commands.cpp
Handler speech_activate_grammar, speech_create, speech_deactivate_grammar, speech_destroy,
    speech_load_grammar, speech_recognize, speech_set, speech_unload_grammar;

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
