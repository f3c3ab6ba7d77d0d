// SPDX-License-Identifier: MIT
// Callers on SIP, as many as are wanted: they call, send no audio, and hang up by BYE.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace costrix::test {

/// One SIP user agent on UDP, on a loopback port of the system's choice.
///
/// Thread safety: all members may be called from several threads. What has no answer is sent again.
class SipPhone {
public:
    /// Of an Asterisk that listens on this port of 127.0.0.1.
    explicit SipPhone(std::uint16_t asterisk);
    ~SipPhone();
    SipPhone(const SipPhone&) = delete;
    SipPhone& operator=(const SipPhone&) = delete;

    /// Calls a user, whose name must be new, as this number. Returns at once.
    void call(const std::string& user, const std::string& number);
    /// Hangs up that call: by BYE, once Asterisk has answered.
    void hang_up(const std::string& user);
    /// Calls that neither side has ended, refused ones included.
    std::size_t open() const;

private:
    using Clock = std::chrono::steady_clock;

    struct Call {
        std::string caller;   // From, with our tag
        std::string callee;   // To, with Asterisk's tag once there is one
        std::string request;  // the one that awaits its final response
        Clock::time_point again;
        bool answered = false;
        bool leaving = false;
    };

    void run();
    void resend();
    void receive(std::string_view message);
    void respond(std::string_view request);
    void send(const std::string& message) const;
    void bye(const std::string& user, Call& call);
    std::string head(std::string_view method, const std::string& user, const Call& call) const;

    const std::uint16_t asterisk_;
    std::uint16_t port_ = 0;
    std::uint16_t audio_port_ = 0;
    const int socket_;
    const int audio_;           // takes what Asterisk plays, and is never read
    mutable std::mutex mutex_;  // guards what follows
    std::map<std::string, Call, std::less<>> calls_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace costrix::test
