// SPDX-License-Identifier: MIT
// A request as its handler sees it: path, arguments, captures, peer.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/protocol/query.hpp>
#include <costrix/asio.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// The captures of the pattern that matched a script path; empty for the default handler.
///
/// Lifetime: the views that it returns are valid until it is destroyed or assigned to.
class Match {
public:
    /// A group's position in the path, as byte offsets; `end` is one past the last byte.
    struct Span {
        std::uint32_t begin = kNowhere;  ///< Offset of its first byte in the path.
        std::uint32_t end = kNowhere;    ///< Offset after its last byte.
    };
    /// Both offsets of a group that did not take part in the match.
    static constexpr std::uint32_t kNowhere = 0xffff'ffff;
    using Groups = std::vector<Span>;  ///< All groups; the first is the whole match.
    /// The names of a pattern's groups, shared by all of its matches.
    using Names = std::shared_ptr<const std::vector<std::string>>;

    Match() = default;
    /// `groups` has the numbered groups from 1 on, then one for each of `names`.
    Match(std::string path, Span whole, Groups groups, Names names) noexcept
        : path_(std::move(path)), whole_(whole), groups_(std::move(groups)),
          names_(std::move(names)) {}

    /// True if a pattern matched.
    explicit operator bool() const noexcept { return whole_.begin != kNowhere; }
    /// The number of numbered groups, including group 0, the whole match.
    std::size_t size() const noexcept;

    /// A group's text; `nullopt` if it did not take part in the match or does not exist.
    std::optional<std::string_view> find(std::size_t group) const noexcept;
    /// The same, for a named group.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    /// The same, but throws std::out_of_range, which names the group, instead of `nullopt`.
    std::string_view at(std::size_t group) const;
    std::string_view at(std::string_view name) const;  ///< The same, for a named group.
    /// The same, for a named group.
    std::string_view at(const char* name) const { return at(std::string_view(name)); }
    /// The same, for a numbered group.
    std::string_view at(int group) const { return at(static_cast<std::size_t>(group)); }
    /// The same, but empty instead of `nullopt`.
    std::string_view operator[](std::size_t group) const noexcept {
        return find(group).value_or(std::string_view());
    }
    /// The same, for a named group.
    std::string_view operator[](std::string_view name) const noexcept {
        return find(name).value_or(std::string_view());
    }
    /// The same, for a named group.
    std::string_view operator[](const char* name) const noexcept {
        return (*this)[std::string_view(name)];
    }
    /// The same, for a numbered group.
    std::string_view operator[](int group) const noexcept {
        return (*this)[static_cast<std::size_t>(group)];
    }

private:
    std::optional<std::string_view> text(Span span) const noexcept;

    std::string path_;
    Span whole_;
    Groups groups_;  // without group 0, so that a pattern without groups allocates nothing
    Names names_;
};

/// One request from Asterisk. It owns its data and lives as long as the handler runs.
struct Request {
    /// The script path: `agi_network_script` up to the first `?`, not decoded; "/" if that is
    /// empty. `agi://host/menu` has the path "menu".
    std::string path;
    /// The positional arguments `agi_arg_1`, `agi_arg_2`, …
    std::vector<std::string> args;
    /// The keyword arguments, from the query string of the URL.
    Query kwargs;
    /// The captures of the pattern that matched.
    Match match;
    /// Asterisk's host, or whoever connected for it, and its port; an IPv4 address stays one on an
    /// IPv6 socket. Behind a proxy in Options::proxy_protocol_from, what the proxy says.
    /// `nullopt` on a Unix socket without such a proxy, in a script, and in a test without a
    /// network.
    std::optional<asio::ip::tcp::endpoint> peer = std::nullopt;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
