// SPDX-License-Identifier: MIT
// Asterisk's side of a conversation, as far as being in step is concerned.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace costrix::test {

/// Runs one command at a time, and is interrupted as a real one is.
class AsteriskModel {
public:
    /// Takes what the session sent; false when that broke a rule.
    bool take(std::string_view bytes, std::string& answer) {
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            if (end == std::string_view::npos)
                return false;  // a command is written whole
            if (!take_line(std::string(bytes.substr(0, end)), answer))
                return false;
            bytes.remove_prefix(end + 1);
        }
        return true;
    }

    bool busy() const { return !running_.empty(); }

    /// The command that runs ends by itself.
    std::string finish() {
        const auto line = std::exchange(running_, std::string());
        const auto id = line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1);
        if (line.starts_with("STREAM FILE"))
            return "200 result=0 endpos=" + id.substr(0, id.find('"')) + "\n";
        if (line.starts_with("EXEC"))
            return "200 result=" + id.substr(id.find('"') + 3) + "\n";
        return "200 result=1 (" + id + ")\n";
    }

private:
    bool take_line(const std::string& line, std::string& answer) {
        const bool fence = line.find("costrix-fence-") != std::string::npos;
        if (running_.empty()) {
            if (fence)
                answer += echo(line);
            else
                running_ = line;
            return true;
        }
        if (!fence || !running_.starts_with("STREAM FILE"))
            return false;  // a second command in flight
        running_.clear();  // interrupted: no reply
        answer += echo(line);
        return true;
    }

    static std::string echo(const std::string& line) {
        const auto begin = line.find('"') + 1;
        return "200 result=1 (" + line.substr(begin, line.rfind('"') - begin) + ")\n";
    }

    std::string running_;
};

}  // namespace costrix::test
