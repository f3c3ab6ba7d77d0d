// SPDX-License-Identifier: MIT
// As much of SIP (RFC 3261) as it takes to call, to answer, to transfer (RFC 3515, RFC 3891) and to
// hang up.
#include "asterisk/sip_phone.hpp"

#include "asterisk/rtp_stream.hpp"
#include "asterisk/udp_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace costrix::test {

namespace {

constexpr std::chrono::milliseconds resend_after{500};
constexpr std::chrono::seconds patience{10};

/// A header's value; empty where there is none.
std::string_view header(std::string_view message, std::string_view name) {
    const auto at = message.find("\r\n" + std::string(name) + ": ");
    if (at == std::string_view::npos)
        return {};
    const auto value = message.substr(at + name.size() + 4);
    return value.substr(0, value.find("\r\n"));
}

std::string field(std::string_view name, std::string_view value) {
    return std::string(name) + ": " + std::string(value) + "\r\n";
}

std::string content(const std::string& description) {
    return field("Content-Type", "application/sdp") +
           field("Content-Length", std::to_string(description.size())) + "\r\n" + description;
}

/// Of a From or a To.
std::string tag_of(std::string_view party) {
    const auto at = party.find(";tag=");
    return at == std::string_view::npos ? std::string() : std::string(party.substr(at + 5));
}

/// Has that stream send to where the other side wants its audio.
void connect(RtpStream* audio, std::string_view message) {
    const auto media = message.find("m=audio ");
    if (audio && media != std::string_view::npos)
        audio->connect(static_cast<std::uint16_t>(std::atoi(message.data() + media + 8)));
}

}  // namespace

SipPhone::SipPhone(std::uint16_t asterisk)
    : asterisk_(asterisk), socket_(open_udp(port_)), audio_(open_udp(audio_port_)),
      thread_([this] { run(); }) {}

SipPhone::~SipPhone() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    thread_.join();
    ::close(socket_);
    ::close(audio_);
}

// Of a call that we make, Call-ID, the user, and our tag are the same word.
std::string
SipPhone::head(std::string_view method, const std::string& user, const Call& call) const {
    const auto number = std::to_string(method == "ACK" ? 1 : call.sequence) + ' ';
    const auto here = "127.0.0.1:" + std::to_string(port_);
    // New ones in each test: Asterisk would take the request for one that was sent again.
    const auto branch = "z9hG4bK-" + std::to_string(port_) + "-" + user + "-" + std::string(method);
    const auto whom = method == "INVITE" ? user + "@" : std::string();
    return std::string(method) + " sip:" + whom + "127.0.0.1:" + std::to_string(asterisk_) +
           " SIP/2.0\r\n" + field("Via", "SIP/2.0/UDP " + here + ";branch=" + branch) +
           field("Max-Forwards", "70") + field("From", call.here) + field("To", call.there) +
           field("Call-ID", user) + field("CSeq", number + std::string(method)) +
           field("Contact", "<sip:" + here + ">");
}

void SipPhone::call(const std::string& user, const std::string& number, RtpStream* audio) {
    Call call;
    call.audio = audio;
    call.here = "<sip:" + number + "@127.0.0.1>;tag=" + user;
    call.there = "<sip:" + user + "@127.0.0.1>";
    call.request = head("INVITE", user, call) + content(description(audio));
    call.again = Clock::now() + resend_after;
    const std::scoped_lock lock(mutex_);
    send(call.request);
    calls_[user] = std::move(call);
}

/// What we can receive, and where (RFC 4566).
std::string SipPhone::description(const RtpStream* audio) const {
    const auto port = std::to_string(audio ? audio->port() : audio_port_);
    const auto packet = std::to_string(audio ? audio->packet().count() : 20);
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
           "m=audio " +
           port + " RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:" + packet +
           "\r\n";
}

void SipPhone::hang_up(const std::string& user) {
    const std::scoped_lock lock(mutex_);
    const auto found = calls_.find(user);
    if (found == calls_.end() || found->second.leaving)
        return;  // Asterisk was faster
    found->second.leaving = true;
    if (found->second.answered)
        ask(user, found->second, "BYE", "");
}

std::string SipPhone::dialled() const {
    return "PJSIP/loopback/sip:phone@127.0.0.1:" + std::to_string(port_);
}

void SipPhone::answer_with(RtpStream& audio) {
    const std::scoped_lock lock(mutex_);
    answers_with_ = &audio;
}

std::string SipPhone::wait_for_call() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !taken_.empty(); }))
        throw std::runtime_error("Asterisk does not call this phone");
    return taken_;
}

int SipPhone::transfer(const std::string& user, const std::string& extension) {
    return refer(user, "sip:" + extension + "@127.0.0.1:" + std::to_string(asterisk_));
}

int SipPhone::transfer_to_call(const std::string& user, const std::string& other) {
    std::string to = "sip:" + other + "@127.0.0.1:" + std::to_string(asterisk_);
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return calls_.at(other).answered; }))
            throw std::runtime_error("Asterisk does not answer the call to " + other);
        const auto& call = calls_.at(other);
        to += "?Replaces=" + other + "%3Bto-tag%3D" + tag_of(call.there) + "%3Bfrom-tag%3D" +
              tag_of(call.here);
    }
    return refer(user, to);
}

int SipPhone::refer(const std::string& user, const std::string& to) {
    std::unique_lock lock(mutex_);
    transferred_ = 0;
    ask(user, calls_.at(user), "REFER", field("Refer-To", "<" + to + ">"));
    if (!changed_.wait_for(lock, patience, [&] { return transferred_ != 0; }))
        throw std::runtime_error("Asterisk does not respond to REFER");
    return transferred_;
}

std::size_t SipPhone::open() const {
    const std::scoped_lock lock(mutex_);
    return calls_.size();
}

void SipPhone::ask(
    const std::string& user,
    Call& call,
    std::string_view method,
    std::string_view more
) {
    ++call.sequence;
    call.request = head(method, user, call).append(more) + field("Content-Length", "0") + "\r\n";
    call.again = Clock::now() + resend_after;
    send(call.request);
}

void SipPhone::run() {
    std::array<char, 8192> buffer{};  // ends in a zero
    for (;;) {
        pollfd waited{socket_, POLLIN, 0};
        const bool ready = ::poll(&waited, 1, 100) > 0;
        const auto size = ready ? ::recv(socket_, buffer.data(), buffer.size() - 1, 0) : 0;
        const std::scoped_lock lock(mutex_);
        if (stopped_)
            return;
        if (size > 0)
            receive({buffer.data(), static_cast<std::size_t>(size)});
        resend();
    }
}

void SipPhone::resend() {
    const auto now = Clock::now();
    for (auto& [user, call] : calls_) {
        if (call.request.empty() || now < call.again)
            continue;
        call.again = now + resend_after;
        send(call.request);
    }
}

void SipPhone::receive(std::string_view message) {
    if (!message.starts_with("SIP/2.0 "))
        return respond(message);
    const auto found = calls_.find(header(message, "Call-ID"));
    if (found == calls_.end() || message.substr(8, 1) == "1")
        return;
    auto& [user, call] = *found;
    const auto method = header(message, "CSeq");
    if (method.ends_with(" BYE")) {
        calls_.erase(found);
    } else if (method.ends_with(" REFER")) {
        transferred_ = std::atoi(message.data() + 8);
        if (!call.leaving)
            call.request.clear();
        changed_.notify_all();
    } else {
        receive_answer(user, call, message);
    }
}

void SipPhone::receive_answer(const std::string& user, Call& call, std::string_view response) {
    call.there = header(response, "To");
    send(head("ACK", user, call) + field("Content-Length", "0") + "\r\n");
    if (call.answered)
        return;
    call.request.clear();
    call.answered =
        response.starts_with("SIP/2.0 2");  // a refused call stays, to be seen in open()
    if (call.answered)
        connect(call.audio, response);
    changed_.notify_all();
    if (call.answered && call.leaving)
        ask(user, call, "BYE", "");
}

// Asterisk calls, hangs up, or has something to ask: all of it is welcome.
void SipPhone::respond(std::string_view request) {
    if (request.starts_with("ACK"))
        return;
    const bool invite = request.starts_with("INVITE");
    const auto there = invite ? take_call(request) : std::string(header(request, "To"));
    std::string response = "SIP/2.0 200 OK\r\n";
    for (const auto* name : {"Via", "From", "Call-ID", "CSeq"})
        response += field(name, header(request, name));
    response +=
        field("To", there) + field("Contact", "<sip:127.0.0.1:" + std::to_string(port_) + ">");
    const auto found = calls_.find(header(request, "Call-ID"));
    if (invite)
        send(response + content(description(found->second.audio)));
    else
        send(response + field("Content-Length", "0") + "\r\n");
    if (!request.starts_with("BYE") || found == calls_.end())
        return;
    calls_.erase(found);
    changed_.notify_all();
}

/// A new call, or one whose audio Asterisk changes. Returns the To of the response.
std::string SipPhone::take_call(std::string_view request) {
    const std::string id(header(request, "Call-ID"));
    auto there = std::string(header(request, "To"));
    if (tag_of(there).empty())
        there += ";tag=" + std::to_string(port_);
    if (!calls_.contains(id)) {
        auto& call = calls_[id];
        call.here = there;
        call.there = header(request, "From");
        call.audio = answers_with_;
        call.answered = true;
        taken_ = taken_.empty() ? id : taken_;
        changed_.notify_all();
    }
    connect(calls_.at(id).audio, request);
    return there;
}

void SipPhone::send(const std::string& message) const {
    send_udp(socket_, asterisk_, message);
}

}  // namespace costrix::test
