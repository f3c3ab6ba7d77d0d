// SPDX-License-Identifier: MIT
// Shows: a message that is recorded into a WAV file on this host (libsndfile), not on Asterisk's.
// Run: record_here [PORT [DIRECTORY]], then call agi://127.0.0.1:4573/message. Expect: a beep;
// speak, and end by #, by 3 s of silence, or by hanging up. STOPPED_BY is key, silence or timeout,
// LENGTH the length in ms; DIRECTORY/UNIQUEID.wav is the recording.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>
#include <sndfile.hh>
#include <span>
#include <stdexcept>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

std::string directory = ".";

std::string_view to_string(agi::RecordedSound::StoppedBy why) {
    using StoppedBy = agi::RecordedSound::StoppedBy;
    return why == StoppedBy::key       ? "key"
           : why == StoppedBy::silence ? "silence"
           : why == StoppedBy::timeout ? "timeout"
                                       : "hangup";
}

/// A WAV file, to which samples are appended.
class WavFile {
public:
    explicit WavFile(const std::string& name)
        : file_(name, SFM_WRITE, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1, 8000) {
        if (file_.error() != 0)
            throw std::runtime_error(name + ": " + file_.strError());
    }
    void operator()(std::span<const std::int16_t> samples) {
        file_.write(samples.data(), static_cast<sf_count_t>(samples.size()));
    }

private:
    SndfileHandle file_;
};

asio::awaitable<void> message(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::StreamFile("beep"));
    const WavFile file(directory + '/' + std::string(call.environment().unique_id()) + ".wav");
    const auto limits = agi::RecordLimits().longest(2min).silence(3s).ends_with("#");
    const auto recorded = co_await agi::record(call, file, limits);
    const auto length = recorded.endpos.duration().count();
    std::cout << "recorded " << length << " ms" << std::endl;
    if (call.hung_up())
        co_return;
    const std::string why(to_string(recorded.stopped_by));
    co_await call.execute(agi::SetVariable("STOPPED_BY", why));
    co_await call.execute(agi::SetVariable("LENGTH", std::to_string(length)));
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    directory = argc > 2 ? argv[2] : ".";
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("message", message);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
