// SPDX-License-Identifier: MIT
// Connected pairs of streams: the end that a test serves, and Asterisk's end, which blocks.
#pragma once

#include <costrix/asio.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace costrix::test {

/// Asterisk's end of a stream, played by hand.
class StreamPeer {
public:
    virtual ~StreamPeer() = default;
    /// The next line without its LF; "<eof>" when the other end is closed.
    std::string line() {
        std::size_t end = 0;
        while ((end = received_.find('\n')) == std::string::npos) {
            const auto more = read();
            if (more.empty())
                return "<eof>";
            received_ += more;
        }
        auto text = received_.substr(0, end);
        received_.erase(0, end + 1);
        return text;
    }
    virtual void send(std::string_view bytes) = 0;
    virtual void close() = 0;
    /// Why line() gave "<eof>".
    error_code end() const noexcept { return end_; }
    /// Sends the environment block of a call to this path.
    void call(std::string_view path) {
        send(
            "agi_network: yes\nagi_network_script: " + std::string(path) +
            "\n"
            "agi_channel: Local/1\nagi_uniqueid: 17.1\nagi_version: 22.10.1\n\n"
        );
    }

protected:
    /// What comes next; empty at the end.
    virtual std::string read() = 0;

    error_code end_;

private:
    std::string received_;
};

template <class Stream>
class BlockingPeer final : public StreamPeer {
public:
    explicit BlockingPeer(Stream stream) : stream_(std::move(stream)) {}
    void send(std::string_view bytes) override {
        error_code ignored;  // the other end may have had enough
        asio::write(stream_, asio::buffer(bytes), ignored);
    }
    void close() override { stream_.lowest_layer().close(); }

private:
    std::string read() override {
        std::string bytes(1024, '\0');
        bytes.resize(stream_.read_some(asio::buffer(bytes), end_));
        return bytes;
    }

    Stream stream_;
};

/// A stream of a user's: what Asio asks of one, and close().
class OwnStream {
public:
    using executor_type = asio::local::stream_protocol::socket::executor_type;

    explicit OwnStream(asio::local::stream_protocol::socket socket) : socket_(std::move(socket)) {}
    executor_type get_executor() { return socket_.get_executor(); }
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return socket_.async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return socket_.async_write_some(buffers, std::forward<Token>(token));
    }
    void close() { socket_.close(); }

private:
    asio::local::stream_protocol::socket socket_;
};

}  // namespace costrix::test
