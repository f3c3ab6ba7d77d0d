// SPDX-License-Identifier: MIT
// What a handler is told of the request that it handles: path, arguments, captures.
#pragma once

#include <costrix/agi/protocol/query.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::agi {

/// The captures of the pattern that matched a script path; empty for the default handler.
class Match {
public:
    /// Names of a pattern's groups, shared by all of its matches.
    using Names = std::shared_ptr<const std::vector<std::string>>;

    Match() = default;
    /// The numbered groups (0 is the whole match), then the named ones in the order of `names`.
    Match(
        std::vector<std::optional<std::string>> numbered,
        Names names,
        std::vector<std::optional<std::string>> named
    )
        : numbered_(std::move(numbered)), names_(std::move(names)), named_(std::move(named)) {}

    /// True when a pattern matched.
    explicit operator bool() const noexcept { return !numbered_.empty(); }
    /// How many numbered groups there are, the whole match included.
    std::size_t size() const noexcept { return numbered_.size(); }

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
    std::vector<std::optional<std::string>> numbered_;
    Names names_;
    std::vector<std::optional<std::string>> named_;
};

/// One request of Asterisk. It owns its texts, and lives as long as the handler runs.
struct Request {
    /// The script's path: `agi_network_script` up to the first `?`, undecoded; "/" when empty.
    std::string path;
    /// The positional arguments, `agi_arg_1`, … in their order.
    std::vector<std::string> args;
    /// The keyword arguments, from the path's query string.
    Query kwargs;
    /// The captures of the pattern that matched.
    Match match;
};

}  // namespace costrix::agi
