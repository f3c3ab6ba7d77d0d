// SPDX-License-Identifier: MIT
// The connection to a Chromium's DevTools port, over Boost.Beast.
#include "backends/dev_tools.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <nlohmann/json.hpp>

namespace costrix::test {
namespace {

using Tcp = boost::asio::ip::tcp;

}  // namespace

class DevTools::Connection {
public:
    bool connect(std::uint16_t port) {
        const auto path = page(port);
        if (path.empty())
            return false;
        socket_ = std::make_unique<boost::beast::websocket::stream<Tcp::socket>>(open(port));
        socket_->read_message_max(0);  // a screenshot is one message
        socket_->handshake("127.0.0.1", path);
        return true;
    }
    void send(const std::string& message) { socket_->write(boost::asio::buffer(message)); }
    std::string receive() {
        boost::beast::flat_buffer buffer;
        socket_->read(buffer);
        return boost::beast::buffers_to_string(buffer.data());
    }

private:
    Tcp::socket open(std::uint16_t port) {
        Tcp::socket socket(context_);
        socket.connect({boost::asio::ip::address_v4::loopback(), port});
        return socket;
    }
    /// The path of the page's own WebSocket; empty while there is no page.
    std::string page(std::uint16_t port) {
        namespace http = boost::beast::http;
        auto socket = open(port);
        http::request<http::empty_body> request(http::verb::get, "/json/list", 11);
        request.set(http::field::host, "127.0.0.1");
        request.keep_alive(false);
        http::write(socket, request);
        boost::beast::flat_buffer buffer;
        http::response<http::string_body> response;
        http::read(socket, buffer, response);
        for (const auto& target : nlohmann::json::parse(response.body())) {
            const auto url = target.value("webSocketDebuggerUrl", "");
            if (target.value("type", "") == "page")
                return url.substr(url.find("/devtools"));
        }
        return "";
    }

    boost::asio::io_context context_;
    std::unique_ptr<boost::beast::websocket::stream<Tcp::socket>> socket_;
};

DevTools::DevTools() : connection_(std::make_unique<Connection>()) {}
DevTools::~DevTools() = default;

bool DevTools::connect(std::uint16_t port) {
    return connection_->connect(port);
}
void DevTools::send(const std::string& message) {
    connection_->send(message);
}
std::string DevTools::receive() {
    return connection_->receive();
}

}  // namespace costrix::test
