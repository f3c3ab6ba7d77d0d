// SPDX-License-Identifier: MIT
// The AMI client of the tests: one blocking socket, and one thread that reads it.
#include "asterisk/ami_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace costrix::test {

namespace {

// Asterisk reads a line of AMI into 1025 bytes and drops a longer one.
constexpr std::size_t longest_line = 1020;

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::string line(const std::string& name, const std::string& value) {
    std::string whole = name + ": " + value + "\r\n";
    if (whole.find_first_of("\r\n") != whole.size() - 2)
        fail("a line break in " + name + ": " + value);
    if (whole.size() > longest_line)
        fail("a line longer than Asterisk reads in " + name);
    return whole;
}

Message parse(std::string_view text) {
    Message message;
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const auto row = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        // The greeting before the first message has no colon.
        const auto colon = row.find(':');
        if (colon == std::string_view::npos)
            continue;
        const auto value = row.substr(colon + (row.substr(colon + 1, 1) == " " ? 2 : 1));
        message.headers.emplace_back(row.substr(0, colon), value);
    }
    return message;
}

}  // namespace

void fail(const std::string& what) {
    throw std::runtime_error("AMI: " + what);
}

std::string Message::operator[](std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
        return header.first == name;
    });
    return found == headers.end() ? std::string{} : found->second;
}

AmiClient::AmiClient(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
        fail("no socket: " + reason(errno));
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const auto why = reason(errno);
        ::close(socket_);
        fail("no connection to 127.0.0.1:" + std::to_string(port) + ": " + why);
    }
    try {
        reader_ = std::thread([this] { read(); });
        action("Login", {{"Username", "costrix"}, {"Secret", "costrix"}, {"Events", "user"}});
    } catch (...) {
        stop();
        throw;
    }
}

AmiClient::~AmiClient() {
    stop();
}

void AmiClient::stop() noexcept {
    ::shutdown(socket_, SHUT_RDWR);
    if (reader_.joinable())
        reader_.join();
    ::close(socket_);
}

std::string AmiClient::command(const std::string& text) {
    const auto response = action("Command", {{"Command", text}});
    std::string output;
    for (const auto& [name, value] : response.headers)
        if (name == "Output")
            output += value + '\n';
    return output;
}

bool AmiClient::has_no_channels() {
    for (int i = 0; i < 50; ++i) {
        if (command("core show channels count").starts_with("0 active channels"))
            return true;
        std::this_thread::sleep_for(Milliseconds(100));
    }
    return false;
}

void AmiClient::set_global(const std::string& name, const std::string& value) {
    action("Setvar", {{"Variable", name}, {"Value", value}});
}

Message AmiClient::event(const std::string& name, Milliseconds timeout) {
    Lock lock(mutex_);
    auto found = events_.end();
    until(lock, Clock::now() + timeout, [&] {
        found = std::find_if(events_.begin(), events_.end(), [&](const Message& event) {
            return event["UserEvent"] == name;
        });
        return found != events_.end();
    });
    if (found == events_.end())
        fail("no user event " + name + " after " + std::to_string(timeout.count()) + " ms");
    auto event = std::move(*found);
    events_.erase(found);
    return event;
}

Message AmiClient::action(
    const std::string& name,
    const std::vector<std::pair<std::string, std::string>>& headers,
    Milliseconds timeout
) {
    Lock lock(mutex_);
    const auto id = std::to_string(++actions_);
    const auto awaited = responses_.emplace(id, std::nullopt).first;
    lock.unlock();

    try {
        auto text = line("Action", name) + line("ActionID", id);
        for (const auto& [key, value] : headers)
            text += line(key, value);
        send(text + "\r\n");
        lock.lock();
        until(lock, Clock::now() + timeout, [&] { return awaited->second.has_value(); });
    } catch (...) {
        if (!lock)
            lock.lock();
        responses_.erase(awaited);
        throw;
    }
    auto response = std::move(awaited->second);
    responses_.erase(awaited);
    if (!response)
        fail("no response to " + name + " after " + std::to_string(timeout.count()) + " ms");
    if ((*response)["Response"] == "Error" && (*response)["Output"].empty())
        fail(name + ": " + (*response)["Message"]);
    return *std::move(response);
}

// Waits until the condition holds, returns all the same at the deadline.
void AmiClient::until(
    Lock& lock,
    Clock::time_point deadline,
    const std::function<bool()>& reached
) {
    bool done = false;
    changed_.wait_until(lock, deadline, [&] { return (done = reached()) || !broken_.empty(); });
    if (!done && !broken_.empty())
        fail(broken_);
}

void AmiClient::send(const std::string& text) {
    const std::lock_guard lock(send_mutex_);
    for (std::string_view rest = text; !rest.empty();) {
        const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            fail("cannot send: " + reason(errno));
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
}

void AmiClient::read() {
    std::string buffer;
    std::array<char, 65536> chunk;
    for (;;) {
        const auto size = ::recv(socket_, chunk.data(), chunk.size(), 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) {
            const Lock lock(mutex_);
            broken_ = size == 0 ? "Asterisk has closed the connection" : reason(errno);
            changed_.notify_all();
            return;
        }
        buffer.append(chunk.data(), static_cast<std::size_t>(size));
        std::size_t from = 0;
        for (std::size_t end; (end = buffer.find("\r\n\r\n", from)) != std::string::npos;) {
            dispatch(parse(std::string_view(buffer).substr(from, end - from)));
            from = end + 4;
        }
        buffer.erase(0, from);
    }
}

void AmiClient::dispatch(Message message) {
    const Lock lock(mutex_);
    if (!message["Response"].empty()) {
        const auto awaited = responses_.find(message["ActionID"]);
        if (awaited != responses_.end())
            awaited->second = std::move(message);
    } else if (const auto name = message["UserEvent"]; !name.empty()) {
        const auto call = calls_.find(message["CostrixId"]);
        if (name == "CostrixDone" && call != calls_.end()) {
            call->second.over = true;
            call->second.outcome.agistatus = message["AgiStatus"];
            call->second.outcome.report = message["Report"];
            call->second.outcome.took =
                std::chrono::duration_cast<Milliseconds>(Clock::now() - call->second.started);
        } else if (name != "CostrixDone") {
            if (call != calls_.end())
                call->second.outcome.events.push_back(message);
            events_.push_back(std::move(message));
        }
    }
    changed_.notify_all();
}

}  // namespace costrix::test
