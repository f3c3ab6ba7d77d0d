// SPDX-License-Identifier: MIT
// Shows: EAGI, the caller's audio in a WAV file until a key is pressed or the caller hangs up. Run:
// put it into Asterisk's agi-bin and call EAGI(record_wav,/tmp/caller.wav). Expect: the file;
// SAMPLES and OVERRUNS tell how much is in it and how often audio was lost.
#include <costrix/agi.hpp>

#include <asio/experimental/awaitable_operators.hpp>

#include <bit>
#include <fstream>

namespace agi = costrix::agi;

/// A WAV file of 16 bits a sample, one channel; its header is completed at the end.
class WavFile {
public:
    WavFile(const std::string& name, unsigned rate) : file_(name, std::ios::binary), rate_(rate) {
        static_assert(std::endian::native == std::endian::little, "WAV is little-endian");
        file_.exceptions(std::ios::badbit | std::ios::failbit);
        write_header();
    }
    void append(const agi::AudioFrame& frame) {
        std::vector<std::int16_t> samples(frame.lost);  // what was lost is silence
        samples.insert(samples.end(), frame.samples.begin(), frame.samples.end());
        const auto bytes = static_cast<std::streamsize>(2 * samples.size());
        file_.write(reinterpret_cast<const char*>(samples.data()), bytes);
        samples_ += static_cast<std::uint32_t>(samples.size());
    }
    void close() {
        file_.seekp(0);
        write_header();
        file_.close();
    }
    std::uint32_t samples() const { return samples_; }

private:
    void write_header() {
        file_ << "RIFF", number(36 + 2 * samples_), file_ << "WAVEfmt ", number(16);
        number(1 | 1 << 16), number(rate_), number(2 * rate_), number(2 | 16 << 16);
        file_ << "data", number(2 * samples_);
    }
    void number(std::uint32_t value) { file_.write(reinterpret_cast<const char*>(&value), 4); }

    std::ofstream file_;
    std::uint32_t rate_, samples_ = 0;
};

asio::awaitable<void> record(agi::AudioStream& audio, WavFile& file) {
    while (const auto frame = co_await audio.read())
        file.append(*frame);
}

asio::awaitable<void> record_wav(agi::AGI& call, const agi::Request& request) {
    using namespace asio::experimental::awaitable_operators;
    co_await call.execute(agi::Answer());
    auto audio = co_await agi::open_audio(call);
    WavFile file(request.args.at(0), audio.format().sample_rate());
    co_await (call.execute(agi::WaitForDigit()) || record(audio, file));
    file.close();
    call.allow_after_hangup();  // for the variables
    co_await call.execute(agi::SetVariable("SAMPLES", std::to_string(file.samples())));
    co_await call.execute(agi::SetVariable("OVERRUNS", std::to_string(audio.overruns())));
}

int main() {
    return agi::run_script(record_wav);
}
