// SPDX-License-Identifier: MIT
// A headless Chromium, driven over its DevTools port.
#pragma once

#include "backends/dev_tools.hpp"
#include "backends/service.hpp"

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

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
        const auto port = program_.number_behind("DevTools listening on ws://127.0.0.1:");
        EXPECT_TRUE(eventually([&] { return tools_.connect(port); })) << program_.output();
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
        tools_.send(command.dump());
        for (;;) {
            const auto reply = nlohmann::json::parse(tools_.receive());
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

    std::string profile_;
    Service program_;
    DevTools tools_;
    int last_ = 0;
    std::string errors_;
};

}  // namespace costrix::test
