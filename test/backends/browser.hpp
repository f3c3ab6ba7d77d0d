// SPDX-License-Identifier: MIT
// A headless Chromium, driven over its DevTools port.
#pragma once

#include "backends/service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace costrix::test {

/// Throws boost::system::system_error when Chromium does not answer.
class Browser {
public:
    static constexpr const char* kProgram = "/usr/bin/chromium";

    explicit Browser(const std::string& url)
        : profile_(make_profile()), program_(
                                        {kProgram,
                                         "--headless",
                                         "--no-sandbox",
                                         "--disable-gpu",
                                         "--disable-dev-shm-usage",
                                         "--no-first-run",
                                         "--remote-debugging-port=0",
                                         "--user-data-dir=" + profile_,
                                         url}
                                    ) {
        connect(program_.number_behind("DevTools listening on ws://127.0.0.1:"));
        for (const auto* domain : {"Runtime", "Log"})  // tell what has gone wrong so far, and does
            command(std::string(domain) + ".enable");
    }
    ~Browser() {
        program_.signal(SIGTERM);
        program_.wait();
        std::error_code ignored;
        std::filesystem::remove_all(profile_, ignored);
    }
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    /// What an expression of JavaScript gives in the page.
    nlohmann::json evaluate(const std::string& expression) {
        const auto reply =
            command("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}});
        const auto& result = reply.at("result");
        return result.contains("value") ? result.at("value") : nlohmann::json();
    }
    /// The result of a command of the DevTools protocol.
    nlohmann::json command(const std::string& method, nlohmann::json params = {}) {
        nlohmann::json command{{"id", ++last_}, {"method", method}};
        if (!params.is_null())
            command["params"] = std::move(params);
        socket_->write(boost::asio::buffer(command.dump()));
        for (;;) {
            boost::beast::flat_buffer buffer;
            socket_->read(buffer);
            const auto reply =
                nlohmann::json::parse(boost::beast::buffers_to_string(buffer.data()));
            if (reply.value("id", 0) == last_)
                return reply.at("result");
            note(reply);
        }
    }
    /// Exceptions of the page's scripts, what the browser has blocked, and failed requests.
    const std::string& errors() {
        command("Runtime.getHeapUsage");  // whatever was on its way has come before the reply
        return errors_;
    }

private:
    using Tcp = boost::asio::ip::tcp;

    void note(const nlohmann::json& event) {
        const auto method = event.value("method", "");
        const bool logged = method == "Log.entryAdded" &&
                            event.at("params").at("entry").value("level", "") == "error";
        if (logged || method == "Runtime.exceptionThrown")
            errors_ += event.at("params").dump() + "\n";
    }
    static std::string make_profile() {
        auto pattern =
            (std::filesystem::temp_directory_path() / "costrix-chromium-XXXXXX").string();
        return mkdtemp(pattern.data()) ? pattern : std::string();
    }
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
    void connect(std::uint16_t port) {
        std::string path;
        EXPECT_TRUE(eventually([&] { return !(path = page(port)).empty(); })) << program_.output();
        socket_ = std::make_unique<boost::beast::websocket::stream<Tcp::socket>>(open(port));
        socket_->read_message_max(0);  // a screenshot is one message
        socket_->handshake("127.0.0.1", path);
    }

    std::string profile_;
    Service program_;
    boost::asio::io_context context_;
    std::unique_ptr<boost::beast::websocket::stream<Tcp::socket>> socket_;
    int last_ = 0;
    std::string errors_;
};

}  // namespace costrix::test
