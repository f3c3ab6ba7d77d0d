// SPDX-License-Identifier: MIT
// A blocking TCP connection that plays Asterisk, or a server, by hand.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::test {

/// Connects at once (or throws std::system_error); every read gives up after five seconds.
/// It costs one descriptor and no thread.
class TcpPeer {
public:
    /// `from`: the address to call from, "" for any.
    explicit TcpPeer(
        std::uint16_t port,
        const std::string& address = "127.0.0.1",
        const std::string& from = {}
    );
    /// A connection that was accepted.
    struct Accepted {
        int socket;
    };
    explicit TcpPeer(Accepted accepted);
    ~TcpPeer() { close(); }
    TcpPeer(const TcpPeer&) = delete;
    TcpPeer& operator=(const TcpPeer&) = delete;

    void send(std::string_view bytes);
    /// Sends the environment block of a call to this path, query string included.
    void call(std::string_view path, std::string_view extra = {});
    /// The next line without its LF; "<eof>" when the server closed, "<timeout>" when it is silent.
    std::string line();
    /// Waits until there is something to read, and leaves it unread.
    void wait_for_bytes();
    /// Everything up to the server's end of the connection.
    std::string rest();
    /// Answers each line that comes with the reply until the server closes; returns the lines.
    std::string answer_all(std::string_view reply = "200 result=0\n");
    void close();
    /// Closes with a reset instead of an orderly end.
    void reset();
    /// Takes no packet any more, as a host that has lost its power.
    void vanish();

    /// Has the kernel note when bytes come.
    void note_arrivals();
    /// When the bytes read last had come; not when this thread had its turn to read them.
    std::chrono::system_clock::time_point arrived() const noexcept { return arrived_; }

private:
    void limit_patience();
    ssize_t read_some(char* buffer, std::size_t size);

    int socket_;
    std::string received_;
    std::chrono::system_clock::time_point arrived_;
};

}  // namespace costrix::test
