// SPDX-License-Identifier: MIT
// C++ source as a list of tokens: without comments, and with its brackets matched.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::lint {

struct Token {
    enum class Kind { word, number, text, sign };
    Kind kind;
    std::string_view text;
    int line;
    std::size_t match = 0;  // of a bracket: where its counterpart is

    bool is(std::string_view what) const { return text == what && kind != Kind::text; }
    bool opens() const { return is("(") || is("[") || is("{"); }
    bool closes() const { return is(")") || is("]") || is("}"); }
};

struct Tokens {
    std::vector<Token> all;             // refer to the source; empty if the brackets do not match
    std::vector<std::string> includes;  // of #include "…"
    std::set<int> excused;              // lines with a comment NOLINT(costrix)
};

/// Preprocessor lines are left out; the branches of an #if are all there.
Tokens tokenise(std::string_view source);

}  // namespace costrix::lint
