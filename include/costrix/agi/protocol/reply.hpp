// SPDX-License-Identifier: MIT
// Asterisk's reply to one command, and its parts.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// Whether there is a reply, or why not.
enum class ReplyStatus : std::uint8_t {
    received,      ///< Asterisk answered.
    refused,       ///< The command is invalid and was not sent; text() says why.
    hung_up,       ///< The caller hung up (HANGUP line or SIGHUP).
    disconnected,  ///< The connection to Asterisk was closed or lost.
    timed_out,     ///< The deadline passed first.
};

/// One reply of Asterisk: `200 result=…`, 510, 511, 520 and so on.
///
/// Lifetime: the returned views are valid until the Reply is destroyed or assigned to.
class Reply {
public:
    Reply() = default;
    /// A reply as Asterisk sent it: `text` includes the code, but not the last LF.
    Reply(int code, std::string text);
    /// No reply, and the reason.
    Reply(ReplyStatus status, std::string why);

    ReplyStatus status() const noexcept { return status_; }  ///< What kind of reply it is.
    /// The code, such as 200 or 510; 0 when there is no reply.
    int code() const noexcept { return code_; }
    /// The whole reply, its lines separated by LF; or the reason why there is none.
    std::string_view text() const noexcept { return text_; }
    /// True for `200 result=…`.
    bool ok() const noexcept { return code_ == 200 && has_result(); }

    /// True when `result=` follows the code.
    bool has_result() const noexcept;
    /// The text from `result=` to the next blank. May be empty, and need not be a number.
    std::string_view result() const noexcept;
    /// result() as a number; `nullopt` when it is not one.
    std::optional<std::int64_t> number() const noexcept;
    /// The text after the result and a blank: `(timeout)`, `(value)`, `endpos=1234`.
    std::string_view rest() const noexcept;
    /// The text from the first `(` of rest() to its last `)`; `nullopt` when there is none.
    ///
    /// GET VARIABLE and similar commands return data, which may contain anything, even newlines.
    /// Other commands return a flag such as `timeout`, `hangup` or `dtmf`.
    std::optional<std::string_view> value() const noexcept;
    /// The number after `endpos=`, outside of any parentheses; its unit depends on the command.
    std::optional<std::int64_t> endpos() const noexcept;
    /// The usage text of a 520 reply; otherwise empty.
    std::string_view usage() const noexcept;
    /// The reply as key-value items, for the exceptions: "result", "value", "endpos".
    std::map<std::string, std::string> items() const;
    /// Exchanges two replies without copying.
    friend void swap(Reply& one, Reply& other) noexcept {
        one.text_.swap(other.text_);
        std::swap(one.code_, other.code_);
        std::swap(one.status_, other.status_);
    }
    /// Moves the text out.
    std::string release() && noexcept { return std::move(text_); }

private:
    friend class ReplyReader;

    std::string text_;
    std::int32_t code_ = 0;
    ReplyStatus status_ = ReplyStatus::disconnected;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
