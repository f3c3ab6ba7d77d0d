// SPDX-License-Identifier: MIT
// The speech engine of the tests: a thread for each websocket that Asterisk opens.
#include "asterisk/speech_engine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <sys/socket.h>

#include <list>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>  // before Boost 1.74, which forgets it

namespace costrix::test {
namespace {

namespace beast = boost::beast;
using boost::asio::ip::tcp;
using Websocket = beast::websocket::stream<tcp::socket>;

/// What stands behind `"name":` in quotes; Asterisk writes its JSON without blanks.
std::string member(std::string_view json, std::string_view name) {
    const auto key = '"' + std::string(name) + "\":\"";
    const auto at = json.find(key);
    if (at == std::string_view::npos)
        return {};
    const auto value = json.substr(at + key.size());
    return std::string(value.substr(0, value.find('"')));
}

/// One speech object of Asterisk's.
class Session {
public:
    Session(tcp::socket socket, std::vector<std::string> heard)
        : stream_(std::move(socket)), heard_(std::move(heard)), thread_([this] { run(); }) {}
    ~Session() {
        ::shutdown(stream_.next_layer().native_handle(), SHUT_RDWR);
        thread_.join();
    }

private:
    void run() {
        beast::error_code error;
        const auto protocol = [](beast::websocket::response_type& response) {
            response.set(beast::http::field::sec_websocket_protocol, "speech_to_text");
        };
        stream_.set_option(beast::websocket::stream_base::decorator(protocol));
        stream_.accept(error);
        while (!error) {
            beast::flat_buffer buffer;
            stream_.read(buffer, error);
            if (!error && stream_.got_text())
                answer(beast::buffers_to_string(buffer.data()));
            else if (!error)
                listen();
        }
    }
    /// A request has the same name in its response; what is a response is none of ours.
    void answer(const std::string& message) {
        const auto request = member(message, "request");
        if (request.empty())
            return;
        std::string rest;
        if (request == "setup")
            rest = R"(,"codecs":[{"name":"ulaw"}])";
        else if (request == "get")
            rest = R"(,"params":{"results":[]})";
        say(R"({"response":")" + request + R"(","id":")" + member(message, "id") + '"' + rest + '}'
        );
    }
    /// A frame of audio: while a recognition is on, and its results have not been set.
    void listen() {
        constexpr int frames_enough = 5;
        if (++frames_ % frames_enough != 0 || next_ == heard_.size())
            return;
        say(R"({"request":"set","id":")" + std::to_string(next_) + R"(","params":{"results":)" +
            heard_[next_] + "}}");
        ++next_;
    }
    void say(const std::string& message) {
        beast::error_code ignored;
        stream_.text(true);
        stream_.write(boost::asio::buffer(message), ignored);
    }

    Websocket stream_;
    const std::vector<std::string> heard_;
    std::size_t next_ = 0;
    int frames_ = 0;
    std::thread thread_;
};

}  // namespace

class SpeechEngine::Server {
public:
    Server(std::uint16_t port, std::vector<std::string> heard)
        : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), port}), heard_(std::move(heard)),
          thread_([this] { run(); }) {}
    ~Server() {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

private:
    void run() {
        for (;;) {
            beast::error_code error;
            auto socket = acceptor_.accept(error);
            if (error)
                return;
            sessions_.emplace_back(std::move(socket), heard_);
        }
    }

    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    const std::vector<std::string> heard_;
    std::list<Session> sessions_;
    std::thread thread_;
};

SpeechEngine::SpeechEngine(std::uint16_t port, std::vector<std::string> heard)
    : server_(std::make_unique<Server>(port, std::move(heard))) {}

SpeechEngine::~SpeechEngine() = default;

}  // namespace costrix::test
