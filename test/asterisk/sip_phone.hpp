// SPDX-License-Identifier: MIT
// Phones on SIP: they call, answer, send audio or none, transfer by REFER, and hang up by BYE.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace costrix::test {

class RtpStream;

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
    ///
    /// `audio` is connected once Asterisk answers, and has to outlive the call; without it the
    /// caller sends none.
    void call(const std::string& user, const std::string& number, RtpStream* audio = nullptr);
    /// Hangs up that call: by BYE, once it has been answered.
    void hang_up(const std::string& user);
    std::uint16_t port() const noexcept { return port_; }
    /// What Asterisk dials to reach this phone, which answers at once.
    std::string dialled() const;
    /// Connects the calls that Asterisk makes to this phone from now on with that audio.
    void answer_with(RtpStream& audio);
    /// Waits for the first such call, and returns its name for the other functions.
    std::string wait_for_call();
    /// Has Asterisk connect the other party of a call with this extension instead (REFER). Waits
    /// for the response, and returns its status code: 202 if Asterisk does it. One at a time.
    int transfer(const std::string& user, const std::string& extension);
    /// The same with the other party of another call, which this phone has made (Replaces).
    int transfer_to_call(const std::string& user, const std::string& other);
    /// Calls that neither side has ended, refused ones included.
    std::size_t open() const;

private:
    using Clock = std::chrono::steady_clock;

    struct Call {
        std::string here;   // From, with our tag
        std::string there;  // To, with Asterisk's tag once there is one
        RtpStream* audio = nullptr;
        std::string request;  // the one that awaits its final response
        unsigned sequence = 1;
        Clock::time_point again;
        bool answered = false;
        bool leaving = false;
    };

    std::string description(const RtpStream* audio) const;
    void run();
    void resend();
    void receive(std::string_view message);
    void receive_answer(const std::string& user, Call& call, std::string_view response);
    void respond(std::string_view request);
    std::string take_call(std::string_view request);
    void send(const std::string& message) const;
    void ask(const std::string& user, Call& call, std::string_view method, std::string_view more);
    int refer(const std::string& user, const std::string& to);
    std::string head(std::string_view method, const std::string& user, const Call& call) const;

    const std::uint16_t asterisk_;
    std::uint16_t port_ = 0;
    std::uint16_t audio_port_ = 0;
    const int socket_;
    const int audio_;           // takes what Asterisk plays, and is never read
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::map<std::string, Call, std::less<>> calls_;  // by Call-ID
    RtpStream* answers_with_ = nullptr;
    std::string taken_;    // the first call that has come
    int transferred_ = 0;  // status code of the response to the last REFER
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace costrix::test
