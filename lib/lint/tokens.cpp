// SPDX-License-Identifier: MIT
// A scanner that knows strings, comments and preprocessor lines, and takes the rest as it comes.
#include "lint/tokens.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace costrix::lint {
namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Scanner {
public:
    explicit Scanner(std::string_view source) : source_(source) {}

    Tokens scan() {
        while (at_ < source_.size())
            next();
        match_brackets();
        return std::move(tokens_);
    }

private:
    std::string_view rest() const { return source_.substr(at_); }

    void next() {
        const char c = source_[at_];
        if (c == '\n') {
            begins_ = true;
            skip(1);
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            skip(1);
        } else if (rest().starts_with("//")) {
            comment(rest().find('\n'));
        } else if (rest().starts_with("/*")) {
            const auto end = rest().find("*/", 2);
            comment(end == std::string_view::npos ? end : end + 2);
        } else if (c == '#' && begins_) {
            directive();
        } else {
            begins_ = false;
            token(c);
        }
    }

    void skip(std::size_t length) {
        length = std::min(length, source_.size() - at_);
        line_ += static_cast<int>(std::ranges::count(source_.substr(at_, length), '\n'));
        at_ += length;
    }

    void comment(std::size_t length) {
        if (rest().substr(0, length).find("NOLINT(costrix)") != std::string_view::npos)
            tokens_.excused.insert(line_);
        skip(length);
    }

    void directive() {
        std::size_t end = 0;
        do
            end = rest().find('\n', end + 1);
        while (end != std::string_view::npos && rest()[end - 1] == '\\');
        const auto line = rest().substr(0, end);
        const auto open = line.find('"');
        const auto close = line.rfind('"');
        if (line.find("include") != std::string_view::npos && close > open)
            tokens_.includes.emplace_back(line.substr(open + 1, close - open - 1));
        skip(end);
    }

    void add(Token::Kind kind, std::size_t length) {
        tokens_.all.push_back({kind, rest().substr(0, length), line_});
        skip(length);
    }

    void token(char c) {
        if (c == '"' || c == '\'')
            return add(Token::Kind::text, quoted(0));
        if (is_word(c)) {
            std::size_t end = 0;
            const bool number = std::isdigit(static_cast<unsigned char>(c)) != 0;
            while (end < rest().size() && (is_word(rest()[end]) ||
                                           (number && (rest()[end] == '\'' || rest()[end] == '.'))))
                ++end;
            const auto word = rest().substr(0, end);
            if (end < rest().size() && rest()[end] == '"' && word.size() <= 3)  // u8R"
                return add(Token::Kind::text, word.ends_with('R') ? raw(end) : quoted(end));
            return add(number ? Token::Kind::number : Token::Kind::word, end);
        }
        static constexpr std::array<std::string_view, 12> kSigns{
            "&&", "||", "::", "->", "==", "!=", "<=", ">=", "+=", "-=", "|=", "&="};
        const auto* sign =
            std::ranges::find_if(kSigns, [&](auto known) { return rest().starts_with(known); });
        add(Token::Kind::sign, sign == kSigns.end() ? 1 : 2);
    }

    std::size_t quoted(std::size_t open) const {
        auto end = open + 1;
        while (end < rest().size() && rest()[end] != rest()[open] && rest()[end] != '\n')
            end += rest()[end] == '\\' ? 2 : 1;
        return end + 1;
    }

    std::size_t raw(std::size_t quote) const {
        const auto open = rest().find('(', quote);
        if (open == std::string_view::npos)
            return rest().size();
        const auto end = ")" + std::string(rest().substr(quote + 1, open - quote - 1)) + "\"";
        const auto close = rest().find(end, open);
        return close == std::string_view::npos ? rest().size() : close + end.size();
    }

    void match_brackets() {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < tokens_.all.size(); ++i) {
            auto& token = tokens_.all[i];
            if (token.opens())
                open.push_back(i);
            if (!token.closes())
                continue;
            if (open.empty())
                return tokens_.all.clear();
            token.match = open.back();
            tokens_.all[open.back()].match = i;
            open.pop_back();
        }
        if (!open.empty())
            tokens_.all.clear();
    }

    std::string_view source_;
    std::size_t at_ = 0;
    int line_ = 1;
    bool begins_ = true;
    Tokens tokens_;
};

}  // namespace

Tokens tokenise(std::string_view source) {
    return Scanner(source).scan();
}

}  // namespace costrix::lint
