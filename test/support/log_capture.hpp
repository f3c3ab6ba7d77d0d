// SPDX-License-Identifier: MIT
// A logger whose lines a test can look at, from any thread.
#pragma once

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::test {

class LogCapture {
public:
    explicit LogCapture(spdlog::level::level_enum level = spdlog::level::info)
        : sink_(std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(10000)),
          logger_(std::make_shared<spdlog::logger>("test", sink_)) {
        logger_->set_level(level);
        sink_->set_pattern("%l: %v");
    }

    std::shared_ptr<spdlog::logger> logger() const { return logger_; }
    /// All lines so far, each `level: text`.
    std::string text() const {
        std::string all;
        for (const auto& line : sink_->last_formatted())
            all += line;
        return all;
    }
    bool has(std::string_view part) const { return text().find(part) != std::string::npos; }
    /// Those of the lines that have this level.
    std::string lines(spdlog::level::level_enum level) const {
        std::string some;
        for (const auto& line : sink_->last_raw()) {
            if (line.level == level)
                some.append(line.payload.data(), line.payload.size()).append("\n");
        }
        return some;
    }
    /// How often it says this.
    std::size_t count(std::string_view part) const {
        const auto all = text();
        std::size_t times = 0;
        for (auto at = all.find(part); at != all.npos; at = all.find(part, at + part.size()))
            ++times;
        return times;
    }

private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace costrix::test
