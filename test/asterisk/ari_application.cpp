// SPDX-License-Identifier: MIT
// HTTP and a websocket by hand: Asterisk's frames are text, and none of ours is needed.
#include "asterisk/ari_application.hpp"

#include "asterisk/ami_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <string_view>

namespace costrix::test {
namespace {

int connect_to(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(socket);
        fail("nobody listens on the port of ARI");
    }
    return socket;
}

void send_request(int socket, const std::string& first_line, const std::string& headers) {
    const auto request = first_line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0)
        fail("ARI does not take a request");
}

constexpr std::string_view kUser = "api_key=costrix:costrix";

/// What stands between `before` and `after`, the first time.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const auto at = text.find(before);
    if (at == std::string_view::npos)
        return {};
    const auto rest = text.substr(at + before.size());
    return std::string(rest.substr(0, rest.find(after)));
}

}  // namespace

std::string
ari_request(std::uint16_t port, const std::string& method, const std::string& resource) {
    const int socket = connect_to(port);
    const auto key = resource.find('?') == std::string::npos ? '?' : '&';
    send_request(
        socket,
        method + " /ari" + resource + key + std::string(kUser),
        "Content-Length: 0\r\nConnection: close\r\n"
    );
    std::string response;
    std::array<char, 4096> buffer{};
    for (ssize_t size; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
        response.append(buffer.data(), static_cast<std::size_t>(size));
    ::close(socket);
    return response;
}

AriApplication::AriApplication(std::uint16_t port, const std::string& name)
    : port_(port), socket_(connect_to(port)) {
    send_request(
        socket_,
        "GET /ari/events?app=" + name + "&" + std::string(kUser),
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: ari\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    if (!read_until("\r\n\r\n").starts_with("HTTP/1.1 101")) {
        ::close(socket_);
        fail("ARI does not accept the application: " + received_);
    }
}

void AriApplication::send_back_a_call() {
    thread_ = std::thread([this] { take_call(); });
}

AriApplication::~AriApplication() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable())
        thread_.join();
    ::close(socket_);
}

std::string AriApplication::arguments() {
    thread_.join();
    return arguments_;
}

std::string AriApplication::read_until(const std::string& text) {
    std::array<char, 4096> buffer{};
    while (received_.find(text) == std::string::npos) {
        const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (size <= 0)
            return {};
        received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return received_;
}

/// Runs in the thread, so what goes wrong becomes the result.
void AriApplication::take_call() {
    try {
        if (read_until("StasisStart").empty())
            return;
        received_.erase(0, received_.find("StasisStart"));
        const auto event = read_until("\"asterisk_id\"");
        const auto channel = between(event, "\"channel\":{\"id\":\"", "\"");
        ari_request(port_, "POST", "/channels/" + channel + "/continue");
        arguments_ = between(event, "\"args\":", "]") + "]";
    } catch (const std::exception& error) {
        arguments_ = error.what();
    }
}

}  // namespace costrix::test
