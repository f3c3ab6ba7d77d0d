// SPDX-License-Identifier: MIT
// What JSON escapes, and where its commas go.
#include "ops/json.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <array>
#include <charconv>

namespace costrix::inline COSTRIX_ABI::ops::detail {

void JsonWriter::append_string(std::string_view value) {
    text_ += '"';
    for (const char c : agi::printable(value)) {  // no control characters, valid UTF-8
        if (c == '"' || c == '\\')
            (text_ += '\\') += c;
        else if (c == '<')
            text_ += "\\u003c";
        else
            text_ += c;
    }
    text_ += '"';
}

void JsonWriter::begin(std::string_view key) {
    if (!first_)
        text_ += ',';
    first_ = false;
    if (!key.empty()) {
        append_string(key);
        text_ += ':';
    }
}

JsonWriter& JsonWriter::open(char bracket, std::string_view key) {
    begin(key);
    text_ += bracket;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view key, std::string_view value) {
    begin(key);
    append_string(value);
    return *this;
}

JsonWriter& JsonWriter::number(std::string_view key, std::uint64_t value) {
    begin(key);
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::seconds(std::string_view key, double value) {
    begin(key);
    std::array<char, 340> digits;
    const auto end = std::to_chars(
                         digits.data(),
                         digits.data() + digits.size(),
                         value,
                         std::chars_format::fixed,
                         value < 0.001 ? 6 : 3
    )
                         .ptr;
    text_.append(digits.data(), end);
    return *this;
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
