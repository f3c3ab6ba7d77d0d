// SPDX-License-Identifier: MIT
// The PROXY protocol, versions 1 and 2: where a connection that came through a proxy comes from.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The address that a proxy says a connection comes from.
struct ProxySource {
    std::array<std::uint8_t, 16> address{};  ///< In network order; IPv4 has the first four bytes.
    bool v6 = false;
    std::uint16_t port = 0;
};

/// Reads a header of the PROXY protocol from input that may be cut anywhere (HAProxy's
/// doc/proxy-protocol.txt). Performs no I/O.
class ProxyHeaderReader {
public:
    enum class Event : std::uint8_t {
        need_more,  ///< All input is consumed.
        complete,   ///< The header is read; what stands behind it is left in the input.
        malformed,  ///< See why().
    };

    /// Limit of a header of version 2, in bytes. Addresses take at most 232, additional fields are
    /// read over; HAProxy sends less than 600 with all of them.
    static constexpr std::size_t kMaxBytes = 2048;

    /// Consumes `input` from its front. After `complete` or `malformed` it is not called again.
    Event next(std::string_view& input);

    /// Where the connection comes from; `nullopt` if the proxy opened it for itself (a health
    /// check), or does not know.
    const std::optional<ProxySource>& source() const noexcept { return source_; }
    /// What is wrong with the header, for a log.
    std::string_view why() const noexcept { return why_; }

private:
    Event take_line(std::string_view& input);
    Event take_block(std::string_view& input);
    Event parse_line(std::string_view line);
    Event parse_block();
    Event fail(std::string_view why) noexcept;
    bool fill(std::string_view& input, std::size_t size);

    std::string header_;  // what has arrived of it
    std::optional<ProxySource> source_;
    std::string_view why_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
