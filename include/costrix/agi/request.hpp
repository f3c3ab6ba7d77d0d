// SPDX-License-Identifier: MIT
// What a handler is told of the request that it handles: path, arguments, captures.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/query.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {

/// The captures of the pattern that matched a script path; empty for the default handler.
///
/// The views that it gives are valid as long as it lives and is not assigned to.
class Match {
public:
    /// Where in the path a group stands: the offset of its first byte, and of the one after it.
    struct Span {
        std::uint32_t begin = kNowhere;
        std::uint32_t end = kNowhere;
    };
    /// The offset of a group that took no part in the match.
    static constexpr std::uint32_t kNowhere = 0xffff'ffff;
    using Groups = std::vector<Span>;
    /// Names of a pattern's groups, shared by all of its matches.
    using Names = std::shared_ptr<const std::vector<std::string>>;

    Match() = default;
    /// The path, where the pattern matched it, its numbered groups from 1, then those of `names`.
    Match(std::string path, Span whole, Groups groups, Names names) noexcept
        : path_(std::move(path)), whole_(whole), groups_(std::move(groups)),
          names_(std::move(names)) {}

    /// True when a pattern matched.
    explicit operator bool() const noexcept { return whole_.begin != kNowhere; }
    /// How many numbered groups there are, the whole match (group 0) included.
    std::size_t size() const noexcept;

    /// The group's text; nothing when it took no part in the match, or there is no such group.
    std::optional<std::string_view> find(std::size_t group) const noexcept;
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    /// The same, an empty view for nothing.
    std::string_view operator[](std::size_t group) const noexcept {
        return find(group).value_or(std::string_view());
    }
    std::string_view operator[](std::string_view name) const noexcept {
        return find(name).value_or(std::string_view());
    }
    std::string_view operator[](const char* name) const noexcept {
        return (*this)[std::string_view(name)];
    }
    std::string_view operator[](int group) const noexcept {
        return (*this)[static_cast<std::size_t>(group)];
    }

private:
    std::optional<std::string_view> text(Span span) const noexcept;

    std::string path_;
    Span whole_;
    Groups groups_;  // without the whole match: most patterns have no groups, and allocate nothing
    Names names_;
};

/// One request of Asterisk. It owns its texts, and lives as long as the handler runs.
struct Request {
    /// The script's path: `agi_network_script` up to the first `?`, undecoded; "/" when empty. That
    /// of `agi://host/menu` is "menu".
    std::string path;
    /// The positional arguments, `agi_arg_1`, … in their order.
    std::vector<std::string> args;
    /// The keyword arguments, from the path's query string.
    Query kwargs;
    /// The captures of the pattern that matched.
    Match match;
};

}  // namespace costrix::agi
