// SPDX-License-Identifier: MIT
// Everything of costrix::agi.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/action.hpp>
#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/actions/database.hpp>
#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/playback.hpp>
#include <costrix/agi/actions/record.hpp>
#include <costrix/agi/actions/say.hpp>
#include <costrix/agi/actions/settings.hpp>
#include <costrix/agi/actions/speech.hpp>
#include <costrix/agi/actions/text.hpp>
#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/applications.hpp>
#include <costrix/agi/audio_stream.hpp>
#include <costrix/agi/blocking_agi.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/fast_agi_server.hpp>
#include <costrix/agi/flows.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/protocol/printable.hpp>
#include <costrix/agi/protocol/reply.hpp>
#include <costrix/agi/request.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/run_server.hpp>
#include <costrix/agi/script.hpp>
#include <costrix/agi/script_handler.hpp>
#include <costrix/agi/script_runner.hpp>
#include <costrix/agi/serve_call.hpp>
#include <costrix/version.hpp>
