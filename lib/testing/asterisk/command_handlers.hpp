// SPDX-License-Identifier: MIT
// The commands: their table, and the functions behind it by family.
#pragma once

#include "testing/asterisk/running_command.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace costrix::testing::detail {

/// The words of a command, its own name first, as argv in res_agi.c.
using Words = std::vector<std::string>;

/// A command either ends at once or goes on as an operation.
using Outcome = std::variant<Ending, std::unique_ptr<Operation>>;

/// What carries a command out.
using Handler = Outcome (*)(Call& call, const Words& words);

/// A row of the command table.
struct Command {
    std::string_view name;  ///< in upper case, a blank between words
    Handler handler;
    bool dead;  ///< works on a dead channel
};

/// The command whose name the words begin with, any letter case; null when there is none.
[[nodiscard]] const Command* find_command(const Words& words);

/// The documentation of a command, empty when there is none.
[[nodiscard]] std::string_view usage_text(std::string_view command);

// channel_commands.cpp
Outcome answer(Call& call, const Words& words);
Outcome asyncagi_break(Call& call, const Words& words);
Outcome channel_status(Call& call, const Words& words);
Outcome hangup(Call& call, const Words& words);
Outcome noop(Call& call, const Words& words);
Outcome send_image(Call& call, const Words& words);
Outcome send_text(Call& call, const Words& words);
Outcome set_autohangup(Call& call, const Words& words);
Outcome set_callerid(Call& call, const Words& words);
Outcome set_context(Call& call, const Words& words);
Outcome set_extension(Call& call, const Words& words);
Outcome set_music(Call& call, const Words& words);
Outcome set_priority(Call& call, const Words& words);
Outcome tdd_mode(Call& call, const Words& words);
Outcome verbose(Call& call, const Words& words);

// variable_commands.cpp
Outcome database_del(Call& call, const Words& words);
Outcome database_deltree(Call& call, const Words& words);
Outcome database_get(Call& call, const Words& words);
Outcome database_put(Call& call, const Words& words);
Outcome get_full_variable(Call& call, const Words& words);
Outcome get_variable(Call& call, const Words& words);
Outcome set_variable(Call& call, const Words& words);

// prompt_commands.cpp
Outcome get_data(Call& call, const Words& words);
Outcome get_option(Call& call, const Words& words);
Outcome stream_file(Call& call, const Words& words);
Outcome wait_for_digit(Call& call, const Words& words);

// control_stream.cpp
Outcome control_stream_file(Call& call, const Words& words);

// say_commands.cpp
Outcome say_alpha(Call& call, const Words& words);
Outcome say_date(Call& call, const Words& words);
Outcome say_datetime(Call& call, const Words& words);
Outcome say_digits(Call& call, const Words& words);
Outcome say_number(Call& call, const Words& words);
Outcome say_phonetic(Call& call, const Words& words);
Outcome say_time(Call& call, const Words& words);

// receive_commands.cpp
Outcome receive_char(Call& call, const Words& words);
Outcome receive_text(Call& call, const Words& words);

// record_file.cpp
Outcome record_file(Call& call, const Words& words);

// dialplan_commands.cpp
Outcome exec(Call& call, const Words& words);
Outcome gosub(Call& call, const Words& words);

// speech_commands.cpp
Outcome speech_activate_grammar(Call& call, const Words& words);
Outcome speech_create(Call& call, const Words& words);
Outcome speech_deactivate_grammar(Call& call, const Words& words);
Outcome speech_destroy(Call& call, const Words& words);
Outcome speech_load_grammar(Call& call, const Words& words);
Outcome speech_recognize(Call& call, const Words& words);
Outcome speech_set(Call& call, const Words& words);
Outcome speech_unload_grammar(Call& call, const Words& words);

}  // namespace costrix::testing::detail
