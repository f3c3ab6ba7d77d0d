// SPDX-License-Identifier: MIT
// All 47 commands of Asterisk 22, and how one is found.

#include "testing/asterisk/command_handlers.hpp"

#include "protocol/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

constexpr std::array<Command, 47> kCommands{{
    {"ANSWER", answer, false},
    {"ASYNCAGI BREAK", asyncagi_break, true},
    {"CHANNEL STATUS", channel_status, false},
    {"CONTROL STREAM FILE", control_stream_file, false},
    {"DATABASE DEL", database_del, true},
    {"DATABASE DELTREE", database_deltree, true},
    {"DATABASE GET", database_get, true},
    {"DATABASE PUT", database_put, true},
    {"EXEC", exec, true},
    {"GET DATA", get_data, false},
    {"GET FULL VARIABLE", get_full_variable, true},
    {"GET OPTION", get_option, false},
    {"GET VARIABLE", get_variable, true},
    {"GOSUB", gosub, false},
    {"HANGUP", hangup, false},
    {"NOOP", noop, true},
    {"RECEIVE CHAR", receive_char, false},
    {"RECEIVE TEXT", receive_text, false},
    {"RECORD FILE", record_file, false},
    {"SAY ALPHA", say_alpha, false},
    {"SAY DATE", say_date, false},
    {"SAY DATETIME", say_datetime, false},
    {"SAY DIGITS", say_digits, false},
    {"SAY NUMBER", say_number, false},
    {"SAY PHONETIC", say_phonetic, false},
    {"SAY TIME", say_time, false},
    {"SEND IMAGE", send_image, false},
    {"SEND TEXT", send_text, false},
    {"SET AUTOHANGUP", set_autohangup, false},
    {"SET CALLERID", set_callerid, false},
    {"SET CONTEXT", set_context, false},
    {"SET EXTENSION", set_extension, false},
    {"SET MUSIC", set_music, false},
    {"SET PRIORITY", set_priority, false},
    {"SET VARIABLE", set_variable, true},
    {"SPEECH ACTIVATE GRAMMAR", speech_activate_grammar, false},
    {"SPEECH CREATE", speech_create, false},
    {"SPEECH DEACTIVATE GRAMMAR", speech_deactivate_grammar, false},
    {"SPEECH DESTROY", speech_destroy, true},
    {"SPEECH LOAD GRAMMAR", speech_load_grammar, false},
    {"SPEECH RECOGNIZE", speech_recognize, false},
    {"SPEECH SET", speech_set, false},
    {"SPEECH UNLOAD GRAMMAR", speech_unload_grammar, true},
    {"STREAM FILE", stream_file, false},
    {"TDD MODE", tdd_mode, false},
    {"VERBOSE", verbose, true},
    {"WAIT FOR DIGIT", wait_for_digit, false},
}};

// Whether the words begin with all words of the name.
bool begins_with(const Words& words, std::string_view name) {
    std::size_t i = 0;
    while (!name.empty()) {
        const auto blank = std::min(name.find(' '), name.size());
        if (i == words.size() || !agi::detail::equal_ignoring_case(words[i], name.substr(0, blank)))
            return false;
        name.remove_prefix(std::min(blank + 1, name.size()));
        ++i;
    }
    return true;
}

}  // namespace

const Command* find_command(const Words& words) {
    for (const auto& command : kCommands) {
        if (begins_with(words, command.name))
            return &command;
    }
    return nullptr;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
