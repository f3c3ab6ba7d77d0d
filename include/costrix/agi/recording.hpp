// SPDX-License-Identifier: MIT
// Options for recording calls to files.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

/// Which calls are recorded, each to its own file `*.agi` that a test can replay, and where.
///
/// A recording contains everything that was sent and received: the caller's number, and digits such
/// as PINs; with `audio`, the caller's voice. The files are readable by the server's user only
/// (mode 0600); you decide who may keep them, and for how long.
///
/// A call is recorded in memory and written to its file after its end, by a thread of its own: no
/// call waits for the disk. Recordings that cannot be written are lost, and logged once until
/// writing succeeds again.
///
/// Thread safety: several threads use the logger, so it needs sinks such as spdlog's `_mt` ones.
struct RecordingOptions {
    /// The directory for the files; it must exist.
    std::string directory;
    /// The script paths to record, a regular expression as in register_script_handler(); "" for
    /// all.
    std::string paths = "";
    /// The share of these calls that is recorded, from 0 to 1, evenly spread: 0.25 is every fourth.
    double fraction = 1;
    /// Whether the sound of talk() and open_audio() is recorded, as the caller and we said it. Off
    /// by default: many laws allow the recording of a voice only if the caller has agreed to it.
    bool audio = false;
    /// Maximum size in bytes of one call's audio, 8 MiB: 3 minutes at 8 kHz while both speak, 6
    /// while one does. The audio of a longer call ends there, with a line that says so.
    std::size_t max_audio_bytes = std::size_t{8} << 20;
    /// Maximum size in bytes of one recording without its audio, 1 MiB; an escaped byte takes four.
    /// The recording of a longer call ends there, with a line that says so.
    std::size_t max_call_bytes = std::size_t{1} << 20;
    /// Maximum size in bytes of all recordings in memory, of calls in progress and of those not yet
    /// written: 64 MiB. At the limit, recordings in progress end and no new ones begin.
    std::size_t max_memory_bytes = std::size_t{64} << 20;
    /// Maximum size in bytes of the recordings not yet written, 16 MiB; further ones are lost.
    std::size_t max_waiting_bytes = std::size_t{16} << 20;
    /// Maximum number of recordings in the directory. At the limit, no more are written until some
    /// have been removed.
    std::size_t max_files = 1000;
    /// Maximum size in bytes of all recordings in the directory, 100 MiB; as for max_files.
    std::uintmax_t max_bytes = std::uintmax_t{100} << 20;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
