// SPDX-License-Identifier: MIT
// An agi:// URL as the dialplan writes it, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {

/// Where a FastAGI server is, and which script is asked for.
struct AgiUrl {
    std::string given;          ///< As it was given, arguments included.
    std::string text;           ///< The URL alone: all before the first comma.
    std::string host;           ///< Name or address; IPv6 without its brackets.
    std::uint16_t port = 4573;  ///< FastAGI's own port unless the URL has one.
    std::string path;           ///< All after the first slash, undecoded, query included.
    std::vector<std::string>
        arguments;  ///< What commas begin, as in the dialplan: agi_arg_1 and so on.

    /// Takes a URL apart; throws std::invalid_argument, which says what is wrong with it.
    static AgiUrl parse(std::string_view text);
};

}  // namespace costrix::tool
