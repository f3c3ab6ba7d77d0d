// SPDX-License-Identifier: MIT
// An agi:// URL as the dialplan writes it, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::tool {

/// Where a FastAGI server is, and which script is asked for.
struct AgiUrl {
    std::string text;           ///< The URL as it was given.
    std::string host;           ///< Name or address; IPv6 without its brackets.
    std::uint16_t port = 4573;  ///< FastAGI's own port unless the URL has one.
    std::string path;           ///< All after the first slash, undecoded, query included.

    /// Takes a URL apart; throws std::invalid_argument, which says what is wrong with it.
    [[nodiscard]] static AgiUrl parse(std::string_view text);
};

}  // namespace costrix::tool
