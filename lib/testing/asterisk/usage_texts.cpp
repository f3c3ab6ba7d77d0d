// SPDX-License-Identifier: MIT
// The documentation that Asterisk 22 sends with a 520, as recorded.

#include "testing/asterisk/command_handlers.hpp"

#include <array>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

struct Usage {
    std::string_view command;
    std::string_view text;
};

constexpr std::array<Usage, 41> kUsages{{
    {"CHANNEL STATUS",
     "Returns the status of the specified <replaceable>channelname</replaceable>. If no "
     "channel name is given then returns the status of the current channel.\n"
     "Return values:\n"
     "    <enum>0</enum> - Channel is down and available.\n"
     "    <enum>1</enum> - Channel is down, but reserved.\n"
     "    <enum>2</enum> - Channel is off hook.\n"
     "    <enum>3</enum> - Digits (or equivalent) have been dialed.\n"
     "    <enum>4</enum> - Line is ringing.\n"
     "    <enum>5</enum> - Remote end is ringing.\n"
     "    <enum>6</enum> - Line is up.\n"
     "    <enum>7</enum> - Line is busy."},
    {"CONTROL STREAM FILE",
     "Send the given file, allowing playback to be controlled by the given digits, if any. "
     "Use double quotes for the digits if you wish none to be permitted. If offsetms is "
     "provided then the audio will seek to offsetms before play starts. Returns "
     "<literal>0</literal> if playback completes without a digit being pressed, or the "
     "ASCII numerical value of the digit if one was pressed, or <literal>-1</literal> on "
     "error or if the channel was disconnected. Returns the position where playback was "
     "terminated as endpos.\n"
     "It sets the following channel variables upon completion:\n"
     "<variable>CPLAYBACKSTATUS</variable>: Contains the status of the attempt as a text "
     "string\n"
     "    <value>SUCCESS</value>\n"
     "    <value>USERSTOPPED</value>\n"
     "    <value>REMOTESTOPPED</value>\n"
     "    <value>ERROR</value>\n"
     "<variable>CPLAYBACKOFFSET</variable>: Contains the offset in ms into the file where "
     "playback was at when it stopped. <literal>-1</literal> is end of file.\n"
     "<variable>CPLAYBACKSTOPKEY</variable>: If the playback is stopped by the user this "
     "variable contains the key that was pressed."},
    {"DATABASE DEL",
     "Deletes an entry in the Asterisk database for a given "
     "<replaceable>family</replaceable> and <replaceable>key</replaceable>.\n"
     "Returns <literal>1</literal> if successful, <literal>0</literal> otherwise."},
    {"DATABASE DELTREE",
     "Deletes a <replaceable>family</replaceable> or specific "
     "<replaceable>keytree</replaceable> within a <replaceable>family</replaceable> in the "
     "Asterisk database.\n"
     "Returns <literal>1</literal> if successful, <literal>0</literal> otherwise."},
    {"DATABASE GET",
     "Retrieves an entry in the Asterisk database for a given "
     "<replaceable>family</replaceable> and <replaceable>key</replaceable>.\n"
     "Returns <literal>0</literal> if <replaceable>key</replaceable> is not set. Returns "
     "<literal>1</literal> if <replaceable>key</replaceable> is set and returns the "
     "variable in parenthesis.\n"
     "Example return code: 200 result=1 (testvariable)"},
    {"DATABASE PUT",
     "Adds or updates an entry in the Asterisk database for a given "
     "<replaceable>family</replaceable>, <replaceable>key</replaceable>, and "
     "<replaceable>value</replaceable>.\n"
     "Returns <literal>1</literal> if successful, <literal>0</literal> otherwise."},
    {"EXEC",
     "Executes <replaceable>application</replaceable> with given "
     "<replaceable>options</replaceable>.\n"
     "Returns whatever the <replaceable>application</replaceable> returns, or "
     "<literal>-2</literal> on failure to find <replaceable>application</replaceable>.\n"
     "<note>NOTE:</note> exec does not evaluate dialplan functions and variables unless it "
     "is explicitly enabled by setting the <variable>AGIEXECFULL</variable> variable to "
     "<literal>yes</literal>."},
    {"GET DATA",
     "Stream the given <replaceable>file</replaceable>, and receive DTMF data.\n"
     "Returns the digits received from the channel at the other end."},
    {"GET FULL VARIABLE",
     "Evaluates the given <replaceable>expression</replaceable> against the channel "
     "specified by <replaceable>channelname</replaceable>, or the current channel if "
     "<replaceable>channelname</replaceable> is not provided.\n"
     "Unlike GET VARIABLE, the <replaceable>expression</replaceable> is processed in a "
     "manner similar to dialplan evaluation, allowing complex and built-in variables to be "
     "accessed, e.g. <literal>The time is ${EPOCH}</literal>\n"
     "Returns <literal>0</literal> if no channel matching "
     "<replaceable>channelname</replaceable> exists, <literal>1</literal> otherwise.\n"
     "Example return code: 200 result=1 (The time is 1578493800)"},
    {"GET OPTION", "Behaves similar to STREAM FILE but used with a timeout option."},
    {"GET VARIABLE",
     "Returns <literal>0</literal> if <replaceable>variablename</replaceable> is not set. "
     "Returns <literal>1</literal> if <replaceable>variablename</replaceable> is set and "
     "returns the variable in parentheses.\n"
     "Example return code: 200 result=1 (testvariable)"},
    {"GOSUB",
     "Cause the channel to execute the specified dialplan subroutine, returning to the "
     "dialplan with execution of a Return()."},
    {"HANGUP",
     "Hangs up the specified channel. If no channel name is given, hangs up the current "
     "channel"},
    {"RECEIVE CHAR",
     "Receives a character of text on a channel. Most channels do not support the reception "
     "of text. Returns the decimal value of the character if one is received, or "
     "<literal>0</literal> if the channel does not support text reception. Returns "
     "<literal>-1</literal> only on error/hangup."},
    {"RECEIVE TEXT",
     "Receives a string of text on a channel. Most channels do not support the reception of "
     "text. Returns <literal>-1</literal> for failure or <literal>1</literal> for success, "
     "and the string in parenthesis."},
    {"RECORD FILE",
     "Record to a file until a given dtmf digit in the sequence is received. Returns "
     "<literal>-1</literal> on hangup or error.  The format will specify what kind of file "
     "will be recorded. The <replaceable>timeout</replaceable> is the maximum record time "
     "in milliseconds, or <literal>-1</literal> for no <replaceable>timeout</replaceable>. "
     "<replaceable>offset samples</replaceable> is optional, and, if provided, will seek to "
     "the offset without exceeding the end of the file. <replaceable>beep</replaceable> can "
     "take any value, and causes Asterisk to play a beep to the channel that is about to be "
     "recorded. <replaceable>silence</replaceable> is the number of seconds of silence "
     "allowed before the function returns despite the lack of dtmf digits or reaching "
     "<replaceable>timeout</replaceable>. <replaceable>silence</replaceable> value must be "
     "preceded by <literal>s=</literal> and is also optional."},
    {"SAY ALPHA",
     "Say a given character string, returning early if any of the given DTMF digits are "
     "received on the channel. Returns <literal>0</literal> if playback completes without a "
     "digit being pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SAY DATE",
     "Say a given date, returning early if any of the given DTMF digits are received on the "
     "channel. Returns <literal>0</literal> if playback completes without a digit being "
     "pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SAY DATETIME",
     "Say a given time, returning early if any of the given DTMF digits are received on the "
     "channel. Returns <literal>0</literal> if playback completes without a digit being "
     "pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SAY DIGITS",
     "Say a given digit string, returning early if any of the given DTMF digits are "
     "received on the channel. Returns <literal>0</literal> if playback completes without a "
     "digit being pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SAY NUMBER",
     "Say a given number, returning early if any of the given DTMF digits are received on "
     "the channel.  Returns <literal>0</literal> if playback completes without a digit "
     "being pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SAY PHONETIC",
     "Say a given character string with phonetics, returning early if any of the given DTMF "
     "digits are received on the channel. Returns <literal>0</literal> if playback "
     "completes without a digit pressed, the ASCII numerical value of the digit if one was "
     "pressed, or <literal>-1</literal> on error/hangup."},
    {"SAY TIME",
     "Say a given time, returning early if any of the given DTMF digits are received on the "
     "channel. Returns <literal>0</literal> if playback completes without a digit being "
     "pressed, or the ASCII numerical value of the digit if one was pressed or "
     "<literal>-1</literal> on error/hangup."},
    {"SEND IMAGE",
     "Sends the given image on a channel. Most channels do not support the transmission of "
     "images. Returns <literal>0</literal> if image is sent, or if the channel does not "
     "support image transmission.  Returns <literal>-1</literal> only on error/hangup. "
     "Image names should not include extensions."},
    {"SEND TEXT",
     "Sends the given text on a channel. Most channels do not support the transmission of "
     "text. Returns <literal>0</literal> if text is sent, or if the channel does not "
     "support text transmission. Returns <literal>-1</literal> only on error/hangup."},
    {"SET AUTOHANGUP",
     "Cause the channel to automatically hangup at <replaceable>time</replaceable> seconds "
     "in the future. Of course it can be hungup before then as well. Setting to "
     "<literal>0</literal> will cause the autohangup feature to be disabled on this channel."},
    {"SET CONTEXT", "Sets the context for continuation upon exiting the application."},
    {"SET EXTENSION", "Changes the extension for continuation upon exiting the application."},
    {"SET MUSIC",
     "Enables/Disables the music on hold generator. If <replaceable>class</replaceable> is "
     "not specified, then the <literal>default</literal> music on hold class will be used. "
     "This generator will be stopped automatically when playing a file.\n"
     "Always returns <literal>0</literal>."},
    {"SET PRIORITY",
     "Changes the priority for continuation upon exiting the application. The priority must "
     "be a valid priority or label."},
    {"SET VARIABLE", "Sets a variable to the current channel."},
    {"SPEECH ACTIVATE GRAMMAR", "Activates the specified grammar on the speech object."},
    {"SPEECH DEACTIVATE GRAMMAR", "Deactivates the specified grammar on the speech object."},
    {"SPEECH LOAD GRAMMAR", "Loads the specified grammar as the specified name."},
    {"SPEECH RECOGNIZE",
     "Plays back given <replaceable>prompt</replaceable> while listening for speech and "
     "dtmf."},
    {"SPEECH SET", "Set an engine-specific setting."},
    {"SPEECH UNLOAD GRAMMAR", "Unloads the specified grammar."},
    {"STREAM FILE",
     "Send the given file, allowing playback to be interrupted by the given digits, if any. "
     "Returns <literal>0</literal> if playback completes without a digit being pressed, or "
     "the ASCII numerical value of the digit if one was pressed, or <literal>-1</literal> "
     "on error or if the channel was disconnected. If musiconhold is playing before calling "
     "stream file it will be automatically stopped and will not be restarted after "
     "completion.\n"
     "It sets the following channel variables upon completion:\n"
     "<variable>PLAYBACKSTATUS</variable>: The status of the playback attempt as a text "
     "string.\n"
     "    <value>SUCCESS</value>\n"
     "    <value>FAILED</value>"},
    {"TDD MODE",
     "Enable/Disable TDD transmission/reception on a channel. Returns <literal>1</literal> "
     "if successful, or <literal>0</literal> if channel is not TDD-capable."},
    {"VERBOSE",
     "Sends <replaceable>message</replaceable> to the console via verbose message system. "
     "<replaceable>level</replaceable> is the verbose level (1-4). Always returns "
     "<literal>1</literal>"},
    {"WAIT FOR DIGIT",
     "Waits up to <replaceable>timeout</replaceable> milliseconds for channel to receive a "
     "DTMF digit. Returns <literal>-1</literal> on channel failure, <literal>0</literal> if "
     "no digit is received in the timeout, or the numerical value of the ascii of the digit "
     "if one is received. Use <literal>-1</literal> for the "
     "<replaceable>timeout</replaceable> value if you desire the call to block indefinitely."},
}};

}  // namespace

std::string_view usage_text(std::string_view command) {
    for (const auto& usage : kUsages) {
        if (usage.command == command)
            return usage.text;
    }
    return {};
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
