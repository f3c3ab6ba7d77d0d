// SPDX-License-Identifier: MIT
// How reports become JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace costrix::tool {

/// Members stay in the order in which they were added; times are seconds.
using Json = nlohmann::ordered_json;

/// In lines, for people too; bytes that are not UTF-8 become U+FFFD.
inline std::string to_text(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace costrix::tool
