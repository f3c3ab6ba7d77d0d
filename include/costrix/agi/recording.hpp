// SPDX-License-Identifier: MIT
// Which calls are recorded, and where.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace costrix::agi {

/// How calls are recorded: each to a file of its own, `*.agi`, which a test can replay.
///
/// A recording has all that went over the wire: the caller's number, digits such as PINs. Files are
/// readable by the server's user only (mode 0600); who may keep them, and how long, is for you to
/// decide. A call is written down in memory and goes to the file when it has ended, from a thread
/// that exists for this: no call waits for the disk. What cannot be written is lost, and the log
/// says so once until it can be again. The logger must be one that several threads may use, as
/// spdlog's `_mt` ones.
struct RecordingOptions {
    /// Where the files go; the directory must exist.
    std::string directory;
    /// Script paths to record: a regular expression as for register_script_handler(); "" for all.
    std::string paths = "";
    /// How many of these calls, from 0 for none to 1 for all; evenly: at 0.25, every fourth.
    double fraction = 1;
    /// Maximum size in bytes of one recording as it is written, 1 MiB; a control character takes
    /// four. A longer call is recorded up to there, and a last line says so.
    std::size_t max_call_bytes = std::size_t{1} << 20;
    /// Maximum size in bytes of all recordings in memory, of calls in progress and of those that
    /// are not written yet: 64 MiB. At the limit the calls that go on are recorded up to there, and
    /// new ones are not recorded; the log says so.
    std::size_t max_memory_bytes = std::size_t{64} << 20;
    /// Most bytes of calls that have ended and are not written yet, 16 MiB; further ones are lost.
    std::size_t max_waiting_bytes = std::size_t{16} << 20;
    /// Most recordings in the directory. When there are as many, no more are made until some of
    /// them have been removed.
    std::size_t max_files = 1000;
    /// Most bytes of all recordings in the directory, 100 MiB. As for max_files.
    std::uintmax_t max_bytes = std::uintmax_t{100} << 20;
};

}  // namespace costrix::agi
