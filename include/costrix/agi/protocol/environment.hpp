// SPDX-License-Identifier: MIT
// The environment block that opens an AGI session, kept as it came and read in place.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {

/// What Asterisk said about the call before the first command.
///
/// Values are kept byte for byte: blanks, quotes and bytes that are not UTF-8 included.
///
/// Asterisk does not escape a newline, so one in a caller's name makes a line that looks like one
/// of Asterisk's own. But Asterisk sends every key once and in a fixed order, arguments last, and
/// the constructor removes the lines that break that order: whatever a value holds, it cannot
/// replace another key's value. When more than one line could be Asterisk's, ambiguous() is true,
/// and the server and run_script() refuse the call. Two things cannot be recognized: keys that
/// Asterisk does not have, and further arguments made by a newline in the last one.
///
/// The views returned are valid as long as the Environment lives and is not assigned to.
class Environment {
public:
    /// One `key: value` line.
    using Item = std::pair<std::string_view, std::string_view>;

    Environment() = default;
    /// Takes a block: lines `key: value`, each with its LF, without the empty line at the end.
    explicit Environment(std::string block);

    /// True when a value holds a newline and the order does not tell which line of a key is
    /// genuine.
    bool ambiguous() const noexcept { return ambiguous_; }

    /// The value of `key` ("agi_channel"), or nothing when the block has no such line.
    std::optional<std::string_view> find(std::string_view key) const noexcept;
    /// The same, an empty view when there is none.
    std::string_view get(std::string_view key) const noexcept;
    /// All of it in a map of its own.
    std::map<std::string, std::string> to_map() const;
    /// The block as it came, without the lines that were removed.
    std::string_view block() const noexcept { return block_; }

    /// @name Typed access
    /// Each is the `agi_` line of that name; "unknown" in a caller's number, name, DNID or RDNIS
    /// means that Asterisk has none (it cannot be told from a caller who is called so).
    /// @{
    bool network() const noexcept { return get("agi_network") == "yes"; }
    /// Path and query of the URL, undecoded; empty for `agi://host/`.
    std::string_view network_script() const noexcept { return get("agi_network_script"); }
    /// The URL as the dialplan wrote it, or the script's name.
    std::string_view request() const noexcept { return get("agi_request"); }
    std::string_view channel() const noexcept { return get("agi_channel"); }
    std::string_view language() const noexcept { return get("agi_language"); }
    /// The channel technology: PJSIP, Local, ….
    std::string_view type() const noexcept { return get("agi_type"); }
    std::string_view unique_id() const noexcept { return get("agi_uniqueid"); }
    std::string_view version() const noexcept { return get("agi_version"); }
    std::optional<std::string_view> caller_id() const noexcept { return known("agi_callerid"); }
    std::optional<std::string_view> caller_id_name() const noexcept {
        return known("agi_calleridname");
    }
    std::optional<std::string_view> dnid() const noexcept { return known("agi_dnid"); }
    std::optional<std::string_view> rdnis() const noexcept { return known("agi_rdnis"); }
    std::string_view context() const noexcept { return get("agi_context"); }
    std::string_view extension() const noexcept { return get("agi_extension"); }
    std::optional<int> priority() const noexcept { return integer("agi_priority"); }
    std::optional<int> calling_presentation() const noexcept { return integer("agi_callingpres"); }
    /// True for EAGI: the caller's audio is on descriptor 3.
    bool enhanced() const noexcept { return get("agi_enhanced") == "1.0"; }
    std::string_view account_code() const noexcept { return get("agi_accountcode"); }
    /// True in the `h` extension, where the dialplan goes when the call is over.
    ///
    /// A hint, not a proof: a Goto can lead there too, and a hangup handler runs elsewhere.
    /// AGI::hung_up() knows.
    bool starts_dead() const noexcept { return extension() == "h"; }
    /// `agi_arg_N` of AGI()'s arguments, N from 1 (at most 127); nothing when there are fewer.
    std::optional<std::string_view> argument(std::size_t n) const noexcept;
    /// All of them in their order, up to the first that is missing.
    std::vector<std::string_view> arguments() const;
    /// @}

    /// Forward iteration over the lines, in the order in which they came, duplicates included.
    class Iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using pointer = const Item*;
        using reference = Item;

        Iterator() = default;
        Item operator*() const noexcept { return item_; }
        Iterator& operator++() noexcept;
        Iterator operator++(int) noexcept;
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
    Iterator begin() const noexcept { return Iterator(block_); }
    Iterator end() const noexcept { return {}; }

private:
    std::optional<std::string_view> known(std::string_view key) const noexcept;
    std::optional<int> integer(std::string_view key) const noexcept;

    std::string block_;
    bool ambiguous_ = false;
};

/// Bounds on an environment block.
struct EnvironmentLimits {
    std::size_t lines = 256;  ///< Asterisk sends 24 and up to 127 arguments.
    std::size_t line_bytes = 8192;
    std::size_t bytes = 65536;
};

/// Incremental reader of an environment block. Pure: no I/O, no clock.
class EnvironmentReader {
public:
    enum class Event : std::uint8_t {
        need_more,
        complete,  ///< See take(); the rest of the input is the conversation's.
        not_agi,   ///< The first line does not begin with "agi_": somebody else's protocol.
        too_many_lines,
        line_too_long,
        too_large,
    };

    explicit EnvironmentReader(EnvironmentLimits limits = {}) noexcept : limits_(limits) {}

    /// Takes bytes from the front of `input`, up to the empty line that ends the block.
    Event next(std::string_view& input);

    /// True when the first line ended in CR LF, as a terminal sends it; then all lines may.
    bool has_carriage_returns() const noexcept { return carriage_returns_; }

    /// Bytes taken so far: 0 for a peer that connected and said nothing.
    std::size_t size() const noexcept { return block_.size(); }

    /// Gives the block away, without carriage returns at the ends of lines if it has them.
    Environment take();

private:
    Event check_size(std::size_t before, std::size_t size) const noexcept;
    Event count_line() noexcept;

    EnvironmentLimits limits_;
    std::string block_;
    std::size_t line_bytes_ = 0;  // of the line that has not ended yet
    std::size_t lines_ = 0;
    bool carriage_returns_ = false;
};

/// What an EnvironmentReader's failure means, in words.
std::string_view to_string(EnvironmentReader::Event event) noexcept;

}  // namespace costrix::agi
