// SPDX-License-Identifier: MIT
// JSON for the log: Options::log_format.
#include "server/json_log.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

class JsonSink final : public spdlog::sinks::sink {
public:
    explicit JsonSink(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

    void log(const spdlog::details::log_msg& message) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        logger_->log(message.level, "{}", JsonLine().add("message", printable(text)).finish());
    }
    void flush() override { logger_->flush(); }
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

private:
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

void JsonLine::begin_member(std::string_view name) {
    if (text_.size() > 1)
        text_ += ", ";
    text_.append("\"").append(name).append("\": ");
}

JsonLine& JsonLine::add(std::string_view name, std::string_view value) {
    begin_member(name);
    text_ += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\')
            text_ += '\\';
        text_ += c;
    }
    text_ += '"';
    return *this;
}

JsonLine& JsonLine::add(std::string_view name, std::uint64_t value) {
    begin_member(name);
    text_ += std::to_string(value);
    return *this;
}

std::string JsonLine::finish() {
    text_ += '}';
    return std::move(text_);
}

std::shared_ptr<spdlog::logger> json_logger(std::shared_ptr<spdlog::logger> logger) {
    auto name = logger->name();
    auto json =
        std::make_shared<spdlog::logger>(std::move(name), std::make_shared<JsonSink>(logger));
    json->set_level(spdlog::level::trace);  // `logger` decides
    return json;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
