// SPDX-License-Identifier: MIT
// Substitution of ${...} and $[...], after pbx_variables.c.

#include "testing/asterisk/dialplan_expressions.hpp"

#include "testing/asterisk/asterisk_parsing.hpp"

#include <algorithm>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

// Integer arithmetic with + - * / % and parentheses; anything else is nullopt.
class Arithmetic {
public:
    explicit Arithmetic(std::string_view text) : text_(text) {}

    std::optional<long> value() {
        const auto result = sum();
        return failed_ || peek() != '\0' ? std::nullopt : std::optional<long>(result);
    }

private:
    // Overflow wraps, to avoid undefined behaviour.
    static long wrapped(long a, char sign, long b) {
        const auto x = static_cast<unsigned long>(a);
        const auto y = static_cast<unsigned long>(b);
        return static_cast<long>(sign == '+' ? x + y : sign == '-' ? x - y : x * y);
    }

    char peek() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    long sum() {
        long left = product();
        while (peek() == '+' || peek() == '-') {
            const bool plus = text_[at_++] == '+';
            const long right = product();
            left = wrapped(left, plus ? '+' : '-', right);
        }
        return left;
    }

    long product() {
        long left = factor();
        while (peek() == '*' || peek() == '/' || peek() == '%') {
            const char sign = text_[at_++];
            const long right = factor();
            if (sign == '*') {
                left = wrapped(left, sign, right);
            } else if (right == 0 || right == -1) {
                failed_ = failed_ || right == 0;
                left = sign == '/' ? wrapped(0, '-', left) : 0;
            } else {
                left = sign == '/' ? left / right : left % right;
            }
        }
        return left;
    }

    long factor() {
        if (peek() == '(' && depth_ < 100) {
            ++depth_;
            ++at_;
            const long inner = sum();
            --depth_;
            failed_ = failed_ || peek() != ')';
            ++at_;
            return inner;
        }
        const bool minus = peek() == '-';
        at_ += minus ? 1 : 0;
        std::string digits;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && digits.size() < 9)
            digits += text_[at_++];
        failed_ = failed_ || digits.empty();
        const long number = digits.empty() ? 0 : std::stol(digits);
        return minus ? -number : number;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool failed_ = false;
};

// The index of the bracket that closes the one before `begin`; the end when there is none.
std::size_t closing(std::string_view text, std::size_t begin, char open, char close) {
    int depth = 1;
    for (auto i = begin; i < text.size(); ++i) {
        depth += text[i] == open ? 1 : text[i] == close ? -1 : 0;
        if (depth == 0)
            return i;
    }
    return text.size();
}

// A `:offset:length` at the end of a name, outside parentheses.
std::size_t find_slice(std::string_view name) {
    int depth = 0;  // an argument's unbalanced ')' makes it -1 later on, as in Asterisk
    for (std::size_t i = 0; i < name.size(); ++i) {
        depth += name[i] == '(' ? 1 : name[i] == ')' ? -1 : 0;
        if (name[i] == ':' && depth == 0)
            return i;
    }
    return std::string_view::npos;
}

std::string slice(const std::string& value, const std::string& spec) {
    const auto colon = spec.find(':');
    const auto size = static_cast<long>(value.size());
    long offset = as_int(spec.substr(0, colon));
    long length = colon == std::string::npos ? size : as_int(spec.substr(colon + 1));
    offset = std::clamp(offset < 0 ? size + offset : offset, 0L, size);
    if (length < 0)
        length = std::max(0L, size - offset + length);
    return value.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

std::string expand_variable(const CallState& call, std::string_view inner, int depth);

std::string expand_nested(const CallState& call, std::string_view text, int depth) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (text[i] != '$' || (next != '{' && next != '[') || depth > 50) {
            result += text[i];
            continue;
        }
        const char close = next == '{' ? '}' : ']';
        const auto end = closing(text, i + 2, next, close);
        const auto inner = text.substr(i + 2, end - i - 2);
        if (next == '{') {
            result += expand_variable(call, inner, depth + 1);
        } else {
            const auto expression = expand_nested(call, inner, depth + 1);
            const auto value = Arithmetic(expression).value();
            result += value ? std::to_string(*value) : expression;
        }
        i = end;
    }
    return result;
}

std::string expand_variable(const CallState& call, std::string_view inner, int depth) {
    const auto name = expand_nested(call, inner, depth);
    const auto colon = find_slice(name);
    const auto value = read_variable(call, std::string_view(name).substr(0, colon)).value_or("");
    return colon == std::string::npos ? value : slice(value, name.substr(colon + 1));
}

}  // namespace

std::string expand(const CallState& call, std::string_view text) {
    return expand_nested(call, text, 0);
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
