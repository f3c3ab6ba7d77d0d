// SPDX-License-Identifier: MIT
// `costrix check`: its options, its findings, and the dialplan for the server.
#include "tool/check/check_options.hpp"
#include "tool/formatting.hpp"
#include "tool/option_types.hpp"
#include "tool/scenario_options.hpp"
#include "tool/subcommands.hpp"
#include "tool/terminal.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <memory>

namespace costrix::tool {
namespace {

using Grade = Finding::Grade;

constexpr const char* kCheckEpilogue =
    R"(Exit status: 0 nothing is wrong, 1 something is, 2 wrong command line, 4 no
connection.)";

struct CheckArguments {
    std::string url;
    CheckOptions options;
};

/// Wraps a text at `columns` columns and indents each line.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns) {
    std::string result, line;
    for (std::size_t at = 0; at < text.size();) {
        const auto blank = std::min(text.find(' ', at), text.size());
        const auto word = text.substr(at, blank - at);
        if (!line.empty() && indent + line.size() + 1 + word.size() > columns) {
            result += std::string(indent, ' ') + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        at = blank + 1;
    }
    return result + std::string(indent, ' ') + line + "\n";
}

void print(const Finding& finding) {
    struct Look {
        const char* sign;
        const char* style;
    };
    constexpr std::array<Look, 3> looks{{{"ok  ", "32"}, {"note", "33"}, {"BAD ", "1;31"}}};
    const auto& look = looks[static_cast<std::size_t>(finding.grade)];
    const bool coloured = isatty(STDOUT_FILENO) != 0;
    std::cout << (coloured ? styled(look.style, look.sign) : look.sign) << "  " << finding.what
              << '\n';
    if (!finding.advice.empty())
        std::cout << wrapped(finding.advice, 6, 80);
    std::cout.flush();
}

std::string connect_advice(const AgiUrl& url) {
    return "Nothing answers on port " + std::to_string(url.port) +
           ". Is the server running, and on this port? Does it listen on this interface, or only "
           "on 127.0.0.1? Is there a firewall, or a container's network, in between? On the "
           "server's host, run: ss -ltnp | grep " +
           std::to_string(url.port);
}

ExitStatus run(CheckArguments& given) {
    auto& options = given.options;
    options.url = checked_url(given.url);
    bool bad = false;
    const Report report = [&bad](const Finding& finding) {
        bad = bad || finding.grade == Grade::bad;
        print(finding);
    };
    try {
        const auto addresses = resolve(options.url);
        std::string all;
        for (const auto& address : addresses)
            all += (all.empty() ? "" : ", ") + to_string(address);
        report({Grade::good, options.url.host + " is " + all});
        if (check_call(options, addresses, report) && options.limits)
            check_limits(options, addresses, report);
    } catch (const ConnectError& error) {
        report({Grade::bad, error.what(), connect_advice(options.url)});
        return ExitStatus::no_connection;
    }
    std::cout << '\n' << dialplan_advice(options.url);
    return bad ? ExitStatus::failure : ExitStatus::success;
}

/// Escapes what would begin a comment in extensions.conf.
std::string in_dialplan(const std::string& text) {
    std::string result;
    for (const char letter : text)
        result += (letter == ';' ? "\\" : "") + std::string(1, letter);
    return result;
}

}  // namespace

std::string dialplan_advice(const AgiUrl& url) {
    std::string text =
        "Add this to extensions.conf, in the context of your incoming calls:\n\n"
        "    exten => 100,1,AGI(" +
        in_dialplan(url.given) +
        ")\n"
        "     same => n,GotoIf($[\"${AGISTATUS}\" = \"FAILURE\"]?down)\n"
        "     same => n,Hangup()\n"
        "     same => n(down),Playback(an-error-has-occurred)\n"
        "     same => n,Hangup()\n\n"
        "Then run: asterisk -rx 'dialplan reload'. The module res_agi.so must be loaded (module\n"
        "show like res_agi). 'agi set debug on' shows the conversation.\n";
    const bool loopback =
        url.host == "localhost" || url.host.starts_with("127.") || url.host == "::1";
    if (loopback)
        text +=
            "\n" + url.host +
            " there means Asterisk's own host. If Asterisk runs elsewhere, name this host, and\n"
            "let the server listen on that interface.\n";
    return text;
}

void add_check_command(CLI::App& app, ExitStatus& status) {
    auto& command =
        *app.add_subcommand("check", "Checks whether a server is ready to be called by Asterisk");
    const auto given = std::make_shared<CheckArguments>();
    add_script(command, "URL", given->url);
    const auto patience = [given](std::chrono::nanoseconds time) {
        given->options.patience = std::chrono::ceil<std::chrono::milliseconds>(time);
    };
    add_duration(
        command, "--patience", patience, "How long to wait for each answer; 8s by default"
    );
    add_application_option(command, given->options.scenario);
    command.add_flag(
        "--limits,!--no-limits",
        given->options.limits,
        "Also sends malformed input and 100 calls; the default"
    );
    command.footer(kCheckEpilogue);
    command.callback([given, &status] { status = run(*given); });
}

}  // namespace costrix::tool
