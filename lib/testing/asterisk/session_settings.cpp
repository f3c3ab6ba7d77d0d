// SPDX-License-Identifier: MIT
// What a scenario's Asterisk version and AGI variables mean for a session.
#include "testing/asterisk/session_settings.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"

#include <array>
#include <cstdlib>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

// The command buffer grew from 2048 to 8192 bytes in 20.16, 21.11, 22.6 and 23.
bool has_large_buffer(const std::string& version) {
    constexpr std::array<int, 3> first_minor{16, 11, 6};
    const int major = std::atoi(version.c_str());
    const auto dot = version.find('.');
    const int minor = dot == std::string::npos ? 0 : std::atoi(version.c_str() + dot + 1);
    if (major < 20 || major > 22)
        return major > 22;
    return minor >= first_minor[static_cast<std::size_t>(major - 20)];
}

std::string variable(const ScenarioData& data, const char* name) {
    const auto found = data.variables.find(name);
    return found == data.variables.end() ? std::string() : found->second;
}

}  // namespace

std::size_t command_limit(const ScenarioData& data) {
    return data.command_limit.value_or(has_large_buffer(data.version) ? 8190 : 2046);
}

bool reports_hangup(const ScenarioData& data) {
    return !is_false(variable(data, "AGISIGHUP"));
}

bool exits_on_hangup(const ScenarioData& data) {
    return is_true(variable(data, "AGIEXITONHANGUP"));
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
