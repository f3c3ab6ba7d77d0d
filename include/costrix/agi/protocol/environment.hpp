// SPDX-License-Identifier: MIT
// The environment block that begins an AGI session, stored as received and read in place.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {
/// Where the lines begin that every call asks for; 0: not known, and to be looked for.
struct EnvironmentPlaces {
    std::uint16_t network_script = 0, version = 0, extension = 0;
    std::uint16_t arguments = 0;  // the end of the block if there are none
};
}  // namespace detail

/// What Asterisk says about the call before the first command.
///
/// Values are stored byte for byte, including blanks, quotes and invalid UTF-8.
///
/// Asterisk does not escape newlines, so a caller's name that contains one produces a line that
/// looks like Asterisk's own. But Asterisk sends every key once, in a fixed order, arguments last
/// (res_agi.c: setup_env). The constructor removes the lines that break this order, so no value can
/// replace that of another key. If the order leaves a choice, ambiguous() is true, and the server
/// and run_script() refuse the call. Two kinds of forged lines cannot be detected: keys that
/// Asterisk does not use, and further arguments behind a newline in the last one.
///
/// Lifetime: the returned views are valid until the Environment is destroyed or assigned to.
class Environment {
public:
    /// One `key: value` line.
    using Item = std::pair<std::string_view, std::string_view>;

    Environment() = default;
    /// Stores a block: lines `key: value`, each with its LF, without the empty line at the end.
    explicit Environment(std::string block);

    /// True when a value contains a newline and the order does not tell which lines are genuine.
    bool ambiguous() const noexcept { return ambiguous_; }

    /// The value of `key`, such as "agi_channel"; `nullopt` when there is no such line.
    std::optional<std::string_view> find(std::string_view key) const noexcept;
    /// The same, but an empty view when there is no such line.
    std::string_view get(std::string_view key) const noexcept;
    /// A copy of all values by key; of a repeated key, the first.
    std::map<std::string, std::string> to_map() const;
    /// The block as received, without the lines that were removed.
    std::string_view block() const noexcept { return block_; }

    /// @name Typed access
    /// Each returns the `agi_` line of that name. Asterisk sends "unknown" for a missing caller ID,
    /// name, DNID or RDNIS; they are `nullopt` then, and for a caller whose name is "unknown".
    /// @{

    /// True in a FastAGI call.
    bool network() const noexcept { return get("agi_network") == "yes"; }
    /// The URL's path and query, not decoded; empty for `agi://host/`.
    std::string_view network_script() const noexcept {
        return value_at(places_.network_script, "agi_network_script");
    }
    /// The URL as written in the dialplan, or the script's name.
    std::string_view request() const noexcept { return get("agi_request"); }
    /// The channel's name, such as "PJSIP/100-00000001".
    std::string_view channel() const noexcept { return get("agi_channel"); }
    /// The channel's language, such as "en".
    std::string_view language() const noexcept { return get("agi_language"); }
    /// The channel technology: PJSIP, Local, ….
    std::string_view type() const noexcept { return get("agi_type"); }
    /// The channel's unique id.
    std::string_view unique_id() const noexcept { return get("agi_uniqueid"); }
    /// Asterisk's version.
    std::string_view version() const noexcept { return value_at(places_.version, "agi_version"); }
    /// The caller's number.
    std::optional<std::string_view> caller_id() const noexcept { return known("agi_callerid"); }
    /// The caller's name.
    std::optional<std::string_view> caller_id_name() const noexcept {
        return known("agi_calleridname");
    }
    /// The number that was dialled.
    std::optional<std::string_view> dnid() const noexcept { return known("agi_dnid"); }
    /// The number that the call was redirected from.
    std::optional<std::string_view> rdnis() const noexcept { return known("agi_rdnis"); }
    /// The dialplan's context.
    std::string_view context() const noexcept { return get("agi_context"); }
    /// The dialplan's extension.
    std::string_view extension() const noexcept {
        return value_at(places_.extension, "agi_extension");
    }
    /// The dialplan's priority.
    std::optional<int> priority() const noexcept { return integer("agi_priority"); }
    /// Whether the caller's number may be shown: Asterisk's code for it.
    std::optional<int> calling_presentation() const noexcept { return integer("agi_callingpres"); }
    /// True for EAGI: the caller's audio is on descriptor 3.
    bool enhanced() const noexcept { return get("agi_enhanced") == "1.0"; }
    /// The channel's account code.
    std::string_view account_code() const noexcept { return get("agi_accountcode"); }
    /// True in the `h` extension, which the dialplan runs after a hangup.
    ///
    /// Only a hint: a Goto can lead there too, and a hangup handler runs elsewhere. See
    /// AGI::hung_up().
    bool starts_dead() const noexcept { return extension() == "h"; }
    /// Argument `n` of AGI(), 1 to 127 (`agi_arg_N`); `nullopt` when there are fewer.
    std::optional<std::string_view> argument(std::size_t n) const noexcept;
    /// All arguments in order, up to the first that is missing.
    std::vector<std::string_view> arguments() const;
    /// @}

    /// Iterates forward over the lines as received, including repeated keys.
    class Iterator {
    public:
        using iterator_category = std::forward_iterator_tag;  ///< Of a forward iterator.
        using value_type = Item;                              ///< Of a forward iterator.
        using difference_type = std::ptrdiff_t;               ///< Of a forward iterator.
        using pointer = const Item*;                          ///< Of a forward iterator.
        using reference = Item;                               ///< Of a forward iterator.

        Iterator() = default;
        Item operator*() const noexcept { return item_; }  ///< The line: its name and value.
        Iterator& operator++() noexcept;                   ///< Moves to the next line.
        Iterator operator++(int) noexcept;                 ///< Moves to the next line.
        /// True if both are at the same line.
        bool operator==(const Iterator& other) const noexcept {
            return left_.size() == other.left_.size() && done_ == other.done_;
        }

    private:
        friend class Environment;
        explicit Iterator(std::string_view block) noexcept : left_(block) { ++*this; }

        std::string_view left_;
        Item item_;
        bool done_ = true;
    };
    /// The first line, in Asterisk's order.
    Iterator begin() const noexcept { return Iterator(block_); }
    Iterator end() const noexcept { return {}; }  ///< The end of the lines.

private:
    std::string_view value_at(std::uint16_t place, std::string_view key) const noexcept;
    std::optional<std::string_view> known(std::string_view key) const noexcept;
    std::optional<int> integer(std::string_view key) const noexcept;

    std::string block_;
    detail::EnvironmentPlaces places_;
    bool ambiguous_ = false;
};

/// Limits on an environment block.
struct EnvironmentLimits {
    std::size_t lines = 256;        ///< Asterisk sends up to 22 and 127 arguments.
    std::size_t line_bytes = 8192;  ///< Including the LF.
    std::size_t bytes = 65536;      ///< Of the whole block.
};

/// Reads an environment block piece by piece. Performs no I/O.
class EnvironmentReader {
public:
    /// What the input so far amounts to.
    enum class Event : std::uint8_t {
        need_more,
        complete,  ///< Call take(). The rest of the input belongs to the conversation.
        not_agi,   ///< The first line does not begin with "agi_": another protocol.
        /// The first line is empty and ends in CR LF, or begins with "PROXY ": the PROXY protocol.
        proxy_header,
        too_many_lines,
        line_too_long,
        too_large,
    };

    /// Input beyond `limits` is an error.
    explicit EnvironmentReader(EnvironmentLimits limits = {}) noexcept : limits_(limits) {}

    /// Consumes `input` from its front, up to the empty line that ends the block.
    Event next(std::string_view& input);

    /// True when the first line ended with CR LF, as terminals send it; then any line may.
    bool has_carriage_returns() const noexcept { return carriage_returns_; }

    /// Number of bytes consumed so far.
    std::size_t size() const noexcept { return block_.size(); }

    /// Moves the block out. Drops CR before LF when has_carriage_returns().
    Environment take();

private:
    Event too_large(std::size_t before, std::size_t size) const noexcept;

    EnvironmentLimits limits_;
    std::string block_;
    std::size_t line_bytes_ = 0;  // of the unfinished line
    std::size_t lines_ = 0;
    bool carriage_returns_ = false;
};

/// Completes the sentence "The environment …".
std::string_view to_string(EnvironmentReader::Event event) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
