// SPDX-License-Identifier: MIT
// Writes JSON, the few forms that reports need.
#include "tool/json.hpp"

#include "tool/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace costrix::tool {
namespace {

std::string escaped(unsigned char byte) {
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (byte >= 0x80)
        return "\xef\xbf\xbd";  // U+FFFD, the replacement character
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", byte);
    return buffer.data();
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    value(name);
    text_ += ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    std::string quoted("\"");
    while (!text.empty()) {
        const auto length = printable_prefix(text);
        if (length == 0 || text.front() == '"' || text.front() == '\\')
            quoted += escaped(static_cast<unsigned char>(text.front()));
        else
            quoted.append(text.substr(0, length));
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return raw(quoted + "\"");
}

JsonWriter& JsonWriter::value(bool truth) {
    return raw(truth ? "true" : "false");
}

JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number))
        return null();
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.9g", number);
    return raw(buffer.data());
}

JsonWriter& JsonWriter::open(char bracket) {
    raw(std::string_view(&bracket, 1));
    ++depth_;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    --depth_;
    if (!first_)
        text_.append("\n").append(static_cast<std::size_t>(depth_) * 2, ' ');
    text_ += bracket;
    first_ = false;
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view token) {
    separate();
    text_.append(token);
    return *this;
}

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_)
        text_ += ",";
    if (depth_ > 0)
        text_.append("\n").append(static_cast<std::size_t>(depth_) * 2, ' ');
    first_ = false;
}

}  // namespace costrix::tool
