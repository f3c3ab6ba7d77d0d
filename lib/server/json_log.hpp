// SPDX-License-Identifier: MIT
// JSON for the log: Options::log_format.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <spdlog/fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A JSON object in one line, member by member.
class JsonLine {
public:
    /// `value` is printable UTF-8, as log_text() makes it.
    JsonLine& add(std::string_view name, std::string_view value);
    JsonLine& add(std::string_view name, std::uint64_t value);
    /// The whole line; the last call.
    std::string finish();

private:
    void begin_member(std::string_view name);

    std::string text_ = "{";
};

/// A logger that hands each message to `logger` as `{"message": "…"}`.
std::shared_ptr<spdlog::logger> json_logger(std::shared_ptr<spdlog::logger> logger);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
