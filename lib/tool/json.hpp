// SPDX-License-Identifier: MIT
// Writes JSON, the few forms that reports need.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace costrix::tool {

/// A JSON text in the making; commas and indentation are its own affair.
class JsonWriter {
public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    /// A member's name; its value or an opening comes next.
    JsonWriter& key(std::string_view name);
    /// A string; bytes that are not UTF-8 become U+FFFD.
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool truth);
    JsonWriter& value(std::integral auto number) { return raw(std::to_string(number)); }
    /// A number with up to six significant digits behind the point; null for infinities.
    JsonWriter& value(double number);
    JsonWriter& null() { return raw("null"); }

    /// A name and its value.
    JsonWriter& member(std::string_view name, const auto& content) {
        return key(name).value(content);
    }

    /// The text so far.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    JsonWriter& raw(std::string_view token);
    void separate();

    std::string text_;
    int depth_ = 0;
    bool first_ = true;  ///< nothing stands in the present brackets yet
    bool after_key_ = false;
};

}  // namespace costrix::tool
