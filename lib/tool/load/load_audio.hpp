// SPDX-License-Identifier: MIT
// The audio connections of a load's calls: their sockets, and how late the script's frames are.
#pragma once

#include "platform/poll_set.hpp"
#include "testing/asterisk/audio_leg.hpp"
#include "tool/load/load_recorder.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace costrix::tool {

/// Moves the bytes of all audio connections, in the poll set of the load.
class LoadAudio {
public:
    using Time = Recorder::Time;

    LoadAudio(agi::detail::PollSet& poll_set, Recorder& recorder)
        : poll_set_(poll_set), recorder_(recorder) {}
    ~LoadAudio();
    LoadAudio(const LoadAudio&) = delete;
    LoadAudio& operator=(const LoadAudio&) = delete;

    /// Whether an event of the poll set is about an audio connection.
    static bool is_audio(std::uint64_t tag) { return tag >> 63 != 0; }
    /// The slot of the call whose connection it is; nullopt if that is gone.
    std::optional<std::uint32_t> slot_of(std::uint64_t tag) const;

    /// Takes up the connections that this call's Asterisk has begun to make, and writes what it has
    /// to say on all.
    void serve(std::uint32_t slot, testing::FakeAsterisk& asterisk);
    /// Something has happened to a connection; the call's clock is up to date.
    void handle(std::uint64_t tag, Time now);
    /// Whether one of this call's lines was closed without its end, as by a server that dies.
    bool was_cut(std::uint32_t slot) const;
    /// The call is over.
    void close(std::uint32_t slot);

private:
    struct Line {
        std::uint64_t tag = 0;
        int socket = -1;
        bool connecting = true;
        bool cut = false;
        std::shared_ptr<testing::detail::AudioLeg> leg;
        std::string unsent;
        std::uint64_t frames = 0;
        Time first, last;
        Time::duration earliest{};  // of the frames, less 20 ms for each before it
    };
    using Lines = std::multimap<std::uint32_t, Line>;  // by the slot of the call

    void open(std::uint32_t slot, std::shared_ptr<testing::detail::AudioLeg> leg);
    bool finish_connect(Line& line);
    void read(Line& line, Time now);
    void write(Line& line);
    void note_frames(Line& line, Time now);
    void close(Line& line);

    agi::detail::PollSet& poll_set_;
    Recorder& recorder_;
    Lines lines_;
    std::map<std::uint64_t, Lines::iterator> by_tag_;
    std::uint64_t next_tag_ = std::uint64_t{1} << 63;
    std::array<char, 8192> buffer_;
};

}  // namespace costrix::tool
