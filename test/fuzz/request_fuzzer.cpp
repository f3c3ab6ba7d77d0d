// SPDX-License-Identifier: MIT
// Requests: path and query of agi_network_script, and what a log line shows of them.
#include "fuzz/input.hpp"
#include "protocol/log_text.hpp"

#include <costrix/agi/protocol/query.hpp>

#include <string>

namespace agi = costrix::agi;
using costrix::fuzz::Input;
using costrix::fuzz::require;

namespace {

/// Every byte as `%NN`.
std::string escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string all;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all += '%';
        all += kHex[byte >> 4];
        all += kHex[byte & 15];
    }
    return all;
}

void check_query(const agi::Query& query) {
    std::string again;
    for (const auto& [name, value] : query) {
        require(query.first(name).has_value(), "a name that is there is found");
        require(query.first(name) == query.all(name).front(), "the first of all is the first");
        again += escaped(name) + "=" + escaped(value) + "&";
    }
    const agi::Query twice(again);
    require(
        std::equal(query.begin(), query.end(), twice.begin(), twice.end()),
        "what is escaped decodes to the same pairs"
    );
}

void check_log_text(std::string_view text, std::size_t most) {
    const auto shown = agi::detail::log_text(text, most);
    require(shown.size() <= 4 * most + 3, "a log text is cut");
    for (const char c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        require(byte >= 0x20 && byte != 0x7f, "a log text has no control characters");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto most = input.number(255);
    const auto script = input.rest();
    const auto path = agi::script_path(script), query = agi::script_query(script);
    require(path.find('?') == std::string_view::npos, "a path has no question mark");
    const bool marked = script.find('?') != std::string_view::npos;
    const auto bare = script.starts_with('?') || script.empty() ? "" : std::string(path);
    require(
        script == bare + (marked ? "?" : "") + std::string(query), "path and query are the script"
    );
    check_query(agi::Query(query));
    check_query(agi::Query(script));
    check_log_text(script, most);
    return 0;
}
