// SPDX-License-Identifier: MIT
// What Asterisk answered to one command, and the parts of it that have a meaning.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::agi {

/// Whether a reply came, or why there is none.
enum class ReplyStatus : std::uint8_t {
    received,      ///< Asterisk answered.
    refused,       ///< The command cannot be sent; nothing was. text() says why.
    hung_up,       ///< The caller is gone (HANGUP line or SIGHUP).
    disconnected,  ///< The connection to Asterisk ended or broke.
    timed_out,     ///< The deadline passed first.
};

/// One reply of Asterisk, owned: `200 result=…`, 510, 511, 520 and so on.
///
/// The views that the accessors return are valid as long as the Reply lives and is not assigned to.
class Reply {
public:
    Reply() = default;
    /// A reply with this code and text; `text` is what Asterisk sent, code included, without the
    /// last LF.
    Reply(int code, std::string text);
    /// No reply, for this reason.
    Reply(ReplyStatus status, std::string why);

    ReplyStatus status() const noexcept { return status_; }
    /// The reply's code: 200, 510, 511, 520, …; 0 when none came.
    int code() const noexcept { return code_; }
    /// All that was received, several lines joined by LF; or the reason why nothing was.
    std::string_view text() const noexcept { return text_; }
    /// True for `200 result=…`.
    bool ok() const noexcept { return code_ == 200 && has_result(); }

    /// True when the text has `result=`.
    bool has_result() const noexcept;
    /// What stands between `result=` and the next blank; may be empty, and need not be a number.
    std::string_view result() const noexcept;
    /// The same as a number, when it is one.
    std::optional<std::int64_t> number() const noexcept;
    /// What follows the result and a blank: `(timeout)`, `(value)`, `endpos=1234`, ….
    std::string_view rest() const noexcept;
    /// What stands between the first `(` of rest() and its last `)`.
    ///
    /// For GET VARIABLE and its like this is data, which may hold anything, newlines included; for
    /// other commands it is a flag such as `timeout`, `hangup` or `dtmf`.
    std::optional<std::string_view> value() const noexcept;
    /// The number after `endpos=`, outside of any parentheses.
    std::optional<std::int64_t> endpos() const noexcept;
    /// The usage text that came with a 520.
    std::string_view usage() const noexcept;
    /// The key-value items of the reply, as the specification's exceptions have them.
    std::map<std::string, std::string> items() const;
    /// Exchanges two replies, without a copy.
    friend void swap(Reply& one, Reply& other) noexcept {
        one.text_.swap(other.text_);
        std::swap(one.code_, other.code_);
        std::swap(one.status_, other.status_);
    }
    /// Gives the text away.
    std::string release() && noexcept { return std::move(text_); }

private:
    friend class ReplyReader;

    std::string text_;
    std::int32_t code_ = 0;
    ReplyStatus status_ = ReplyStatus::disconnected;
};

}  // namespace costrix::agi
