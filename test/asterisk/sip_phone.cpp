// SPDX-License-Identifier: MIT
// As much of SIP (RFC 3261) as it takes to call and to hang up.
#include "asterisk/sip_phone.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace costrix::test {

namespace {

constexpr std::chrono::milliseconds resend_after{500};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A UDP socket on a loopback port of the system's choice, and that port.
int open_socket(std::uint16_t& port) {
    const int opened = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    const int buffer = 4 << 20;
    ::setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (::bind(opened, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(opened, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a UDP socket");
    port = ntohs(address.sin_port);
    return opened;
}

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

}  // namespace

SipPhone::SipPhone(std::uint16_t asterisk)
    : asterisk_(asterisk), socket_(open_socket(port_)), audio_(open_socket(audio_port_)),
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

// Call-ID, the user, and our tag are the same word.
std::string
SipPhone::head(std::string_view method, const std::string& user, const Call& call) const {
    const auto number = method == "BYE" ? "2 " : "1 ";
    const auto here = "127.0.0.1:" + std::to_string(port_);
    const auto whom = method == "INVITE" ? user + "@" : std::string();
    return std::string(method) + " sip:" + whom + "127.0.0.1:" + std::to_string(asterisk_) +
           " SIP/2.0\r\n" +
           field("Via", "SIP/2.0/UDP " + here + ";branch=z9hG4bK-" + user + "-" + method.data()) +
           field("Max-Forwards", "70") + field("From", call.caller) + field("To", call.callee) +
           field("Call-ID", user) + field("CSeq", number + std::string(method)) +
           field("Contact", "<sip:" + here + ">");
}

void SipPhone::call(const std::string& user, const std::string& number) {
    const auto sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                     "m=audio " +
                     std::to_string(audio_port_) + " RTP/AVP 0\r\n";
    Call call;
    call.caller = "<sip:" + number + "@127.0.0.1>;tag=" + user;
    call.callee = "<sip:" + user + "@127.0.0.1>";
    call.request = head("INVITE", user, call) + field("Content-Type", "application/sdp") +
                   field("Content-Length", std::to_string(sdp.size())) + "\r\n" + sdp;
    call.again = Clock::now() + resend_after;
    const std::scoped_lock lock(mutex_);
    send(call.request);
    calls_[user] = std::move(call);
}

void SipPhone::hang_up(const std::string& user) {
    const std::scoped_lock lock(mutex_);
    const auto found = calls_.find(user);
    if (found == calls_.end() || found->second.leaving)
        return;  // Asterisk was faster
    found->second.leaving = true;
    if (found->second.answered)
        bye(user, found->second);
}

std::size_t SipPhone::open() const {
    const std::scoped_lock lock(mutex_);
    return calls_.size();
}

void SipPhone::bye(const std::string& user, Call& call) {
    call.request = head("BYE", user, call) + field("Content-Length", "0") + "\r\n";
    call.again = Clock::now() + resend_after;
    send(call.request);
}

void SipPhone::run() {
    std::array<char, 8192> buffer;
    for (;;) {
        pollfd waited{socket_, POLLIN, 0};
        const bool ready = ::poll(&waited, 1, 100) > 0;
        const auto size = ready ? ::recv(socket_, buffer.data(), buffer.size(), 0) : 0;
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
    if (header(message, "CSeq") == "2 BYE") {
        calls_.erase(found);
        return;
    }
    call.callee = header(message, "To");
    send(head("ACK", user, call) + field("Content-Length", "0") + "\r\n");
    if (call.answered)
        return;
    call.request.clear();
    call.answered = message.starts_with("SIP/2.0 2");  // a refused call stays, to be seen in open()
    if (call.answered && call.leaving)
        bye(user, call);
}

// Asterisk hangs up, or has something to ask: all of it is welcome.
void SipPhone::respond(std::string_view request) {
    if (request.starts_with("ACK"))
        return;
    std::string response = "SIP/2.0 200 OK\r\n";
    for (const auto* name : {"Via", "From", "To", "Call-ID", "CSeq"})
        response += field(name, header(request, name));
    send(response + field("Content-Length", "0") + "\r\n");
    const auto found = calls_.find(header(request, "Call-ID"));
    if (request.starts_with("BYE") && found != calls_.end())
        calls_.erase(found);
}

void SipPhone::send(const std::string& message) const {
    const auto to = loopback(asterisk_);
    ::sendto(
        socket_,
        message.data(),
        message.size(),
        0,
        reinterpret_cast<const sockaddr*>(&to),
        sizeof to
    );
}

}  // namespace costrix::test
