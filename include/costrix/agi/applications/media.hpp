// SPDX-License-Identifier: MIT
// Applications on what is heard: Playback, BackGround, Read, Record, MixMonitor, AMD, SendDTMF,
// Wait.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/applications/application.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi {

/// Plays sound files, named without extension, to their ends (Playback).
class Playback {
public:
    explicit Playback(std::string file) : files_{std::move(file)} {}  ///< A file's name.
    /// One more file, played after those before.
    Playback& also(std::string file) {
        files_.push_back(std::move(file));
        return *this;
    }
    /// Does not answer the call first.
    Playback& without_answer() {
        option_ = "noanswer";
        return *this;
    }
    /// Does nothing unless the call is answered.
    Playback& only_if_answered() {
        option_ = "skip";
        return *this;
    }
    /// True when all files were there (PLAYBACKSTATUS).
    [[nodiscard]] asio::awaitable<bool> run(AGI& call) const;

private:
    std::vector<std::string> files_;
    std::string option_;
};

/// What became of a BackGround.
struct BackGroundResult {
    bool success = false;     ///< BACKGROUNDSTATUS
    std::optional<char> key;  ///< The key that ended it.
};

/// Plays sound files, named without extension, until a key is pressed (BackGround).
class BackGround : public detail::WithOptions<BackGround> {
public:
    explicit BackGround(std::string file) : files_{std::move(file)} {}  ///< A file's name.
    /// One more file, played after those before.
    BackGround& also(std::string file) {
        files_.push_back(std::move(file));
        return *this;
    }
    /// Does not answer the call first (n).
    BackGround& without_answer() { return option('n'); }
    /// The language of the files.
    BackGround& language(std::string name) {
        language_ = std::move(name);
        return *this;
    }
    [[nodiscard]] asio::awaitable<BackGroundResult> run(AGI& call) const;  ///< Plays the files.

private:
    std::vector<std::string> files_;
    std::string language_;
};

/// What became of a Read.
struct ReadResult {
    /// The values of READSTATUS.
    enum class Status : std::uint8_t { ok, error, hangup, interrupted, skipped, timeout };

    Status status = Status::error;  ///< How the question ended.
    std::string digits;             ///< The keys that the caller pressed; may be empty.
};

/// Plays sound files and reads digits (Read).
class Read : public detail::WithOptions<Read> {
public:
    explicit Read(std::string file = "") : files_{std::move(file)} {}  ///< Silent if it is empty.
    /// One more file of the prompt, played after those before.
    Read& also(std::string file) {
        files_.push_back(std::move(file));
        return *this;
    }
    /// The number of digits that ends it: 1 to 255.
    Read& max_digits(int count);
    /// How often to ask; 1 by default.
    Read& attempts(int count);
    /// How long to wait for each digit.
    Read& timeout(std::chrono::milliseconds time);

    /// Leaves the digits in the channel variable COSTRIX_READ as well.
    [[nodiscard]] asio::awaitable<ReadResult> run(AGI& call) const;

private:
    std::vector<std::string> files_;
    std::string max_digits_, attempts_, timeout_;
};

/// What became of a Record.
struct RecordResult {
    /// What ended the recording: RECORD_STATUS.
    enum class Status : std::uint8_t { key, silence, skipped, timeout, hangup, error };

    Status status = Status::error;  ///< What ended the recording.
    std::string file;               ///< RECORDED_FILE: without its extension.
};

/// Records the caller (Record). See RecordFile and RecordMessage.
class Record : public detail::WithOptions<Record> {
public:
    /// A file name with extension; `%d` in it is a number that makes it new.
    explicit Record(std::string file) : file_(std::move(file)) {}
    /// The length of silence that ends it, at least 1 s.
    Record& silence(std::chrono::seconds time);
    /// The maximum length, at least 1 s.
    Record& longest(std::chrono::seconds time);
    /// Appends to an existing file (a).
    Record& append() { return option('a'); }
    /// Without a beep (q).
    Record& quiet() { return option('q'); }
    /// Any key ends it (y), not `#` alone.
    Record& ends_with_any_key() { return option('y'); }

    /// Records until something ends it. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<RecordResult> run(AGI& call) const;

private:
    std::string file_, silence_, longest_;
};

/// A recording that has begun.
struct MixMonitored {
    std::string file;  ///< MIXMONITOR_FILENAME
    std::string id;    ///< For StopMixMonitor.
};

/// Records both sides of the call, from now on (MixMonitor).
class MixMonitor : public detail::WithOptions<MixMonitor> {
public:
    /// A file name with extension.
    explicit MixMonitor(std::string file) : file_(std::move(file)) {}
    /// Appends to an existing file (a).
    MixMonitor& append() { return option('a'); }
    /// Records only while the call is connected to somebody (b).
    MixMonitor& only_bridged() { return option('b'); }
    /// A command of the system that is run when the recording has ended.
    MixMonitor& command(std::string text) {
        command_ = std::move(text);
        return *this;
    }
    /// Starts the recording, which runs on beside the call. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<MixMonitored> run(AGI& call) const;

private:
    std::string file_, command_;
};

/// Ends recordings of MixMonitor (StopMixMonitor).
class StopMixMonitor {
public:
    /// The one with this id; all without.
    explicit StopMixMonitor(std::string id = "") : id_(std::move(id)) {}
    /// Stops the recording. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::string id_;
};

/// What AMD thinks.
struct AmdResult {
    /// The values of AMDSTATUS.
    enum class Status : std::uint8_t { human, machine, not_sure, hangup };

    Status status = Status::not_sure;  ///< Who answered.
    std::string cause;                 ///< AMDCAUSE, such as "TOOLONG-5000".
};

/// Listens whether a human or an answering machine has answered (AMD).
class AMD {
public:
    AMD() = default;
    /// The maximum silence before the greeting.
    AMD& initial_silence(std::chrono::milliseconds time) { return set(0, time); }
    /// The maximum length of a greeting of a human.
    AMD& greeting(std::chrono::milliseconds time) { return set(1, time); }
    /// The silence after a greeting of a human.
    AMD& after_greeting_silence(std::chrono::milliseconds time) { return set(2, time); }
    /// How long to listen at most.
    AMD& total_analysis_time(std::chrono::milliseconds time) { return set(3, time); }

    /// Listens until it has decided. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<AmdResult> run(AGI& call) const;

private:
    AMD& set(std::size_t index, std::chrono::milliseconds time);

    std::string times_[4];
};

/// Sends keys to the other side (SendDTMF).
class SendDTMF {
public:
    /// Keys, `w` for half a second of silence, `W` for a second.
    explicit SendDTMF(std::string keys) : keys_(std::move(keys)) {}
    /// The time between keys; 250 ms by default.
    SendDTMF& gap(std::chrono::milliseconds time);
    /// How long each is held.
    SendDTMF& length(std::chrono::milliseconds time);
    /// To another channel instead.
    SendDTMF& channel(std::string name) {
        channel_ = std::move(name);
        return *this;
    }
    /// Sends the digits. Throws: as AGI::execute().
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::string keys_, gap_, length_, channel_;
};

/// Waits, without sound (Wait). AGI::sleep_for does so without a command.
class Wait {
public:
    /// The time to wait, in milliseconds.
    explicit Wait(std::chrono::milliseconds time) : time_(time) {}
    [[nodiscard]] asio::awaitable<void> run(AGI& call
    ) const;  ///< Waits. Throws: as AGI::execute().

private:
    std::chrono::milliseconds time_;
};

/// Sets up to 23 channel variables in one round trip (MSet).
class SetVariables {
public:
    SetVariables() = default;
    /// Sets a variable to any text; a name is made of letters, digits and `_`.
    SetVariables& set(std::string name, std::string value);
    /// Throws: std::invalid_argument for none or too many.
    [[nodiscard]] asio::awaitable<void> run(AGI& call) const;

private:
    std::vector<std::string> pairs_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
