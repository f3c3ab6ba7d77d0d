// SPDX-License-Identifier: MIT
// The classes of all 47 commands, for tests that go through them, and what they make of a reply.
#pragma once

#include <costrix/agi.hpp>

#include <string>
#include <utility>

namespace costrix::test {

/// With<Answer, …, WaitForDigit>, in the order of the command table.
template <template <class...> class With>
using WithAllActions = With<
    agi::Answer,
    agi::AsyncAGIBreak,
    agi::ChannelStatus,
    agi::ControlStreamFile,
    agi::DatabaseDel,
    agi::DatabaseDeltree,
    agi::DatabaseGet,
    agi::DatabasePut,
    agi::Exec,
    agi::GetData,
    agi::GetFullVariable,
    agi::GetOption,
    agi::GetVariable,
    agi::Gosub,
    agi::Hangup,
    agi::Noop,
    agi::ReceiveChar,
    agi::ReceiveText,
    agi::RecordFile,
    agi::SayAlpha,
    agi::SayDate,
    agi::SayDatetime,
    agi::SayDigits,
    agi::SayNumber,
    agi::SayPhonetic,
    agi::SayTime,
    agi::SendImage,
    agi::SendText,
    agi::SetAutohangup,
    agi::SetCallerid,
    agi::SetContext,
    agi::SetExtension,
    agi::SetMusic,
    agi::SetPriority,
    agi::SetVariable,
    agi::SpeechActivateGrammar,
    agi::SpeechCreate,
    agi::SpeechDeactivateGrammar,
    agi::SpeechDestroy,
    agi::SpeechLoadGrammar,
    agi::SpeechRecognize,
    agi::SpeechSet,
    agi::SpeechUnloadGrammar,
    agi::StreamFile,
    agi::TDDMode,
    agi::Verbose,
    agi::WaitForDigit>;

/// What the action makes of a reply with code 200 and this text.
template <agi::Action A>
auto parse(std::string text) {
    return A::parse(agi::Reply(200, std::move(text)));
}

}  // namespace costrix::test
