// SPDX-License-Identifier: MIT
// An AudioSocket server that writes down what Asterisk sends: test/transcripts/audio.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace costrix::test {

/// Takes one connection, follows a script, and notes all messages with their times.
///
/// Independent of the library, which is what its transcripts test. A thread of its own runs it.
class AudioRecorder {
public:
    using Milliseconds = std::chrono::milliseconds;
    /// Is run once Asterisk has connected.
    using Script = std::function<void(AudioRecorder&)>;

    explicit AudioRecorder(Script script);
    ~AudioRecorder();
    AudioRecorder(const AudioRecorder&) = delete;
    AudioRecorder& operator=(const AudioRecorder&) = delete;

    /// `127.0.0.1` and its port, as Asterisk is told.
    std::string where() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Notes an event off the wire, such as a command or its reply; from any thread.
    void note(std::string_view text) { add('!', text); }
    /// Waits until the script and the connection are over.
    void finish();
    /// All lines.
    std::string text() const;

    // For the script:

    /// Listens for that long, or until the connection ends. Sends silence every 20 ms unless told
    /// otherwise, which is not noted.
    void listen(Milliseconds time, bool silence = true);
    void send(unsigned kind, std::string_view payload = {});
    /// Reads nothing for that long.
    void neglect(Milliseconds time);
    /// Bytes that are no whole message, which are noted as this text.
    void send_bytes(std::string_view bytes, std::string_view text);
    void half_close();
    void close();
    bool ended() const { return ended_; }

private:
    void run(const Script& script);
    void accept();
    void receive();
    void read_messages();
    void add(char direction, std::string_view text);
    void write(std::string_view bytes);

    std::chrono::steady_clock::time_point begun_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int socket_ = -1;
    std::string input_;
    bool ended_ = false;
    bool stopped_ = false;
    mutable std::mutex mutex_;  // guards stopped_ and what follows
    std::string lines_;
    std::thread thread_;
};

}  // namespace costrix::test
