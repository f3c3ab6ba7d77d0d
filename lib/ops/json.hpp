// SPDX-License-Identifier: MIT
// Writes JSON member by member.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

/// A value, or a member if it has a key, is written where the writer stands; the caller pairs what
/// opens and closes.
class JsonWriter {
public:
    JsonWriter& open_object(std::string_view key = {}) { return open('{', key); }
    JsonWriter& close_object() { return close('}'); }
    JsonWriter& open_array(std::string_view key = {}) { return open('[', key); }
    JsonWriter& close_array() { return close(']'); }
    /// Any bytes: what is not printable UTF-8 is written as `\xNN`, in characters. `<` is escaped,
    /// so that no value ends a script or begins a tag wherever the text is put.
    JsonWriter& string(std::string_view key, std::string_view value);
    JsonWriter& number(std::string_view key, std::uint64_t value);
    /// To the millisecond, or as short as it is exact below.
    JsonWriter& seconds(std::string_view key, double value);

    std::string finish() && { return std::move(text_); }

private:
    JsonWriter& open(char bracket, std::string_view key);
    JsonWriter& close(char bracket);
    void begin(std::string_view key);
    void append_string(std::string_view value);

    std::string text_;
    bool first_ = true;
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
