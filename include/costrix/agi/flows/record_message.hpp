// SPDX-License-Identifier: MIT
// RecordMessage: records the caller, and lets the caller review it.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/flows/question.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What became of a RecordMessage.
struct Recorded {
    /// The ways in which a recording ends.
    enum class End : std::uint8_t {
        kept,       ///< Recorded, and reviewed if there is a review.
        hung_up,    ///< Recorded; then, or meanwhile, the caller hung up.
        too_short,  ///< There is no message that is long enough.
        discarded,  ///< The caller gave it up in the review.
    };

    End end = End::too_short;            ///< How it ended.
    std::string file;                    ///< The file's name without its extension.
    std::chrono::milliseconds length{};  ///< The length of the last recording.

    /// True when there is a message.
    explicit operator bool() const noexcept { return end == End::kept || end == End::hung_up; }
};

std::string_view to_string(Recorded::End end) noexcept;

namespace detail {

struct RecordOptions {
    std::string file, format;
    Prompt prompt, on_too_short;
    std::chrono::milliseconds longest = std::chrono::minutes(3);
    std::chrono::milliseconds shortest = std::chrono::seconds(1);
    std::optional<std::chrono::seconds> silence;
    std::string ends_with = "#";
    bool beep = true;
    int attempts = 3;
    Prompt review;
    char keep = '1', listen = '2', again = '3', discard = '*';
};

}  // namespace detail

/// Records the caller to a file: record, listen, record again, keep.
///
///     agi::RecordMessage message("/var/spool/messages/17");
///     message.prompt("vm-intro").longest(2min).silence(5s).review("vm-review");
///     const agi::Recorded recorded = co_await message.run(call);
///
/// A caller who hangs up has left a message, as voice mail is used; the next command then throws
/// the AGIHangup. Recording again replaces the file.
class RecordMessage {
public:
    /// A file name without extension, whose directory exists, and a format such as "wav" or "gsm".
    explicit RecordMessage(std::string file, std::string format = "wav");

    /// Played before each recording; the keys of ends_with() cut it short.
    RecordMessage& prompt(Prompt prompt);
    /// The maximum length; 3 min by default.
    RecordMessage& longest(std::chrono::milliseconds time);
    /// A recording that is shorter is no message; 1 s by default.
    RecordMessage& shortest(std::chrono::milliseconds time);
    /// The length of silence that ends a recording, of which Asterisk keeps 1 s; by default,
    /// silence does not end it.
    RecordMessage& silence(std::chrono::seconds time);
    /// The keys that end a recording; `#` by default.
    RecordMessage& ends_with(std::string keys);
    /// Whether to beep before a recording; true by default.
    RecordMessage& beep(bool on);
    /// Played when a recording was too short, before the next one.
    RecordMessage& on_too_short(Prompt message);
    /// How often to record before giving up on a recording that is long enough; 3 by default.
    RecordMessage& attempts(int count);
    /// Asks after each recording what to do with it: by default 1 keeps it, 2 plays it, 3 records
    /// again, `*` gives it up. A caller who does not choose keeps it. Without a review it is kept.
    RecordMessage& review(Prompt prompt);
    /// The four keys of the review, different ones.
    RecordMessage& review_keys(char keep, char listen, char again, char discard);

    /// Records.
    ///
    /// Lifetime: works on a copy of this object, made at once.
    /// Throws: when awaited, AGIAppError when the file cannot be written, or a sound file is
    /// missing; AGIHangup when the caller hangs up before there is a message.
    /// Cancellation: as for AGI::execute; a recording that runs is abandoned, not stopped.
    [[nodiscard]] asio::awaitable<Recorded> run(AGI& call) const;

private:
    detail::RecordOptions options_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
