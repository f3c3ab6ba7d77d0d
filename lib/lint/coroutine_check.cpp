// SPDX-License-Identifier: MIT
// Cuts a source into full expressions, which the rules are about.
#include "lint/coroutine_check.hpp"

#include "lint/expression_rules.hpp"
#include "lint/tokens.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace costrix::lint {
namespace {

template <std::size_t N>
bool any_of(const Token& token, const std::array<std::string_view, N>& words) {
    return token.kind != Token::Kind::text && std::ranges::find(words, token.text) != words.end();
}

/// Cuts a source into full expressions.
class Checker {
public:
    Checker(const Tokens& tokens, int gcc) : tokens_(tokens.all) {
        context_.gcc = gcc;
        find_lambdas();
        find_aggregates();
        block(0, tokens_.size());
        std::erase_if(findings_, [&](const auto& f) { return tokens.excused.contains(f.line); });
        std::ranges::stable_sort(findings_, {}, &Finding::line);
    }

    std::vector<Finding> findings() && { return std::move(findings_); }

private:
    /// A `[` that begins an operand begins a lambda; its body is the next `{` behind it.
    void find_lambdas() {
        static constexpr std::array<std::string_view, 7> kBefore{
            "return", "co_return", "co_await", "co_yield", "throw", "case", "else"};
        for (std::size_t i = 1; i < tokens_.size(); ++i) {
            const auto& before = tokens_[i - 1];
            const bool operand = before.kind == Token::Kind::sign && !before.is(")") &&
                                 !before.is("]") && !before.is("[");
            if (!tokens_[i].is("[") || tokens_[i + 1].is("[") ||
                !(operand || any_of(before, kBefore)))
                continue;
            auto body = tokens_[i].match + 1;
            while (body < tokens_.size() && !tokens_[body].is("{") && !tokens_[body].is(";") &&
                   !tokens_[body].closes())
                body = tokens_[body].opens() ? tokens_[body].match + 1 : body + 1;
            if (body < tokens_.size() && tokens_[body].is("{"))
                lambdas_[i] = body;
        }
        for (const auto& [introducer, body] : lambdas_)
            context_.lambda_bodies.insert(body);
    }

    /// A struct without a constructor.
    void find_aggregates() {
        for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
            if (!tokens_[i].is("struct") || !tokens_[i + 2].is("{"))
                continue;
            const auto& name = tokens_[i + 1];
            bool constructor = false;
            for (auto j = i + 3; j < tokens_[i + 2].match; ++j)
                constructor |= tokens_[j].is(name.text) && tokens_[j + 1].is("(");
            if (!constructor)
                context_.aggregates.insert(name.text);
        }
    }

    /// Whether a `{` at the level of statements begins statements, or is part of an expression.
    bool is_block(std::size_t start, std::size_t open) const {
        static constexpr std::array<std::string_view, 7> kBefore{
            "else", "do", "try", "const", "noexcept", "override", "final"};
        const std::array<std::string_view, 6> declares{
            "namespace", "struct", "class", "union", "enum", "->"};
        if (open == start)
            return true;
        const auto& before = tokens_[open - 1];
        if (before.closes() && !before.is("]"))
            return true;
        if (before.kind == Token::Kind::text || any_of(before, kBefore))
            return true;
        return std::any_of(
            tokens_.begin() + static_cast<std::ptrdiff_t>(start),
            tokens_.begin() + static_cast<std::ptrdiff_t>(open),
            [&](const auto& token) { return any_of(token, declares); }
        );
    }

    void block(std::size_t begin, std::size_t end) {
        auto start = begin;
        for (auto i = begin; i < end;) {
            if (i == start && header(i)) {
                start = i;
            } else if (tokens_[i].is(";")) {
                expression(start, i);
                start = ++i;
            } else if (tokens_[i].is("{") && !context_.lambda_bodies.contains(i) && is_block(start, i)) {
                expression(start, i);
                block(i + 1, tokens_[i].match);
                start = i = tokens_[i].match + 1;
            } else {
                i = tokens_[i].opens() ? tokens_[i].match + 1 : i + 1;
            }
        }
        expression(start, end);
    }

    /// `if (…)` and the like; `i` is then behind it.
    bool header(std::size_t& i) {
        static constexpr std::array<std::string_view, 4> kHeaders{"if", "while", "for", "switch"};
        static constexpr std::array<std::string_view, 3> kPrefixes{"do", "else", "try"};
        if (any_of(tokens_[i], kPrefixes))
            return ++i, true;
        const auto open = i + 1 < tokens_.size() && tokens_[i + 1].is("constexpr") ? i + 2 : i + 1;
        if (!any_of(tokens_[i], kHeaders) || open >= tokens_.size() || !tokens_[open].is("("))
            return false;
        std::vector<std::pair<std::size_t, std::size_t>> parts;
        auto start = open + 1;
        for (auto at = start; at <= tokens_[open].match;) {
            if (tokens_[at].is(";") || at == tokens_[open].match) {
                parts.emplace_back(start, at);
                start = at + 1;
            }
            at = tokens_[at].opens() ? tokens_[at].match + 1 : at + 1;
        }
        const bool loop = tokens_[i].is("for");
        for (std::size_t part = 0; part < parts.size(); ++part) {
            const auto [from, to] = parts[part];
            const bool condition = loop ? parts.size() == 3 && part == 1 : part + 1 == parts.size();
            expression(from, to, condition ? tokens_[i].text : "");
        }
        i = tokens_[open].match + 1;
        return true;
    }

    /// A full expression: what stands in the bodies of its lambdas is none of it.
    void expression(std::size_t begin, std::size_t end, std::string_view condition_of = "") {
        Expression expression{{}, condition_of, false};
        for (auto i = begin; i < end; ++i) {
            if (context_.lambda_bodies.contains(i)) {
                block(i + 1, tokens_[i].match);
                i = tokens_[i].match;
                continue;
            }
            if (const auto lambda = lambdas_.find(i); lambda != lambdas_.end())
                expression.lambdas.push_back(expression.tokens.size());
            expression.awaits |= tokens_[i].is("co_await");
            expression.tokens.push_back(tokens_[i]);
        }
        check_expression(std::move(expression), context_, findings_);
    }

    const std::vector<Token>& tokens_;
    std::map<std::size_t, std::size_t> lambdas_;  // introducer, body
    Context context_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_coroutines(std::string_view source, int gcc) {
    return Checker(tokenise(source), gcc).findings();
}

}  // namespace costrix::lint
