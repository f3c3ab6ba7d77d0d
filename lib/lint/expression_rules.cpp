// SPDX-License-Identifier: MIT
// The rules, one function each.
#include "lint/expression_rules.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::lint {
namespace {

using Kind = Token::Kind;

/// The rules; a range is [begin, end) of the expression's tokens.
class Rules {
public:
    Rules(const Expression& expression, const Context& context, std::vector<Finding>& findings)
        : tokens_(expression.tokens), context_(context), findings_(findings),
          gcc12_(context.gcc < 13) {
        if (!expression.awaits) {
            default_arguments();
            return;
        }
        spared_ = !gcc12_ && (expression.condition_of == "if" || declares());
        if (!condition(expression.condition_of))
            level(0, tokens_.size());
        for (const auto lambda : expression.lambdas)
            captures(lambda);
    }

private:
    void add(const Token& token, std::string message) {
        findings_.push_back({token.line, std::move(message)});
    }

    bool awaits(std::size_t begin, std::size_t end) const {
        for (auto i = begin; i < end; ++i) {
            if (tokens_[i].is("co_await"))
                return true;
        }
        return false;
    }

    std::size_t behind(std::size_t i) const {
        return tokens_[i].opens() ? tokens_[i].match + 1 : i + 1;
    }

    /// `bool v = …`, which is sound from GCC 13 on, whereas `v = …` is not.
    bool declares() const {
        for (std::size_t i = 2; i < tokens_.size(); i = behind(i)) {
            if (tokens_[i].is("="))
                return tokens_[i - 1].kind == Kind::word && !tokens_[i - 2].is(".") &&
                       !tokens_[i - 2].is("->") && !tokens_[i - 2].is(";");
        }
        return false;
    }

    bool condition(std::string_view keyword) {
        if (keyword.empty() || !gcc12_)
            return false;
        for (std::size_t i = 0; i < tokens_.size(); i = behind(i)) {
            if (tokens_[i].is("="))
                return false;
            if (!awaits(i, behind(i)))
                continue;
            const std::string word(keyword);
            const std::string instead =
                keyword == "while" || keyword == "for"
                    ? "while (const auto value = co_await ...), or a variable and a break"
                    : word + " (const auto value = co_await ...; value ...)";
            add(tokens_[i], "co_await in the condition of " + word + ": write " + instead);
            return true;
        }
        return false;
    }

    /// What stands at one level of brackets, and inside the brackets there.
    void level(std::size_t begin, std::size_t end, bool top = true) {
        const bool spared = top && spared_;
        const Token* either = nullptr;  // the && or || to the left
        for (auto i = begin; i < end; i = behind(i)) {
            const auto& token = tokens_[i];
            if (is_either(i, end))
                either = &token;
            else if (token.is(",") || token.is("=") || token.is(":") || token.is("?"))
                either = nullptr;
            else if (either != nullptr && !spared && awaits(i, behind(i))) {
                add(*either,
                    "co_await to the right of " + std::string(either->text) +
                        ": it may run though the left side decides; write an if statement");
                either = nullptr;
            }
            if (token.is("?"))
                choice(i, end, spared);
            if (token.is("{"))
                braces(i);
            if (token.opens())
                level(i + 1, token.match, false);
        }
    }

    /// && and ||, unless it is a reference's.
    bool is_either(std::size_t i, std::size_t end) const {
        const auto& token = tokens_[i];
        if (token.is("||") || token.is("or") || token.is("and"))
            return true;
        return token.is("&&") && i + 1 < end && !tokens_[i + 1].is(">") &&
               !tokens_[i + 1].is(",") && !tokens_[i + 1].is(".");
    }

    void choice(std::size_t question, std::size_t end, bool spared) {
        auto colon = question + 1;
        for (int open = 1; colon < end; colon = behind(colon)) {
            open += tokens_[colon].is("?") ? 1 : tokens_[colon].is(":") ? -1 : 0;
            if (open == 0)
                break;
        }
        auto last = colon + 1;
        while (last < end && !tokens_[last].is(","))
            last = behind(last);
        last = std::min(last, end);
        if (colon >= end)
            return;
        if (awaits(question, last)) {
            if (!spared)
                add(tokens_[question], "co_await inside ?: : write if and else");
        } else if (gcc12_ && (branch(question + 1, colon) != branch(colon + 1, last) || branch(colon + 1, last) == Branch::built))
            add(tokens_[question],
                "?: makes an object in an expression with co_await: give it a name before");
    }

    enum class Branch { name, text, built };
    Branch branch(std::size_t begin, std::size_t end) const {
        const auto* const first = &tokens_[begin];
        if (end == begin + 1 && first->kind == Kind::text)
            return first->text.starts_with('\'') ? Branch::name : Branch::text;
        for (auto i = begin; i < end; ++i) {
            const auto& token = tokens_[i];
            if (token.kind == Kind::text || token.is("(") || token.is("{") || token.is("+"))
                return Branch::built;
        }
        return Branch::name;
    }

    void braces(std::size_t open) {
        const Token* before = open == 0 ? nullptr : &tokens_[open - 1];
        const bool designated = tokens_[open + 1].is(".");
        const bool named = before != nullptr && context_.aggregates.contains(before->text);
        const bool assigned = !gcc12_ || before == nullptr || before->is("=");
        if (assigned || !(designated || named) || only_numbers(open))
            return;
        add(tokens_[open],
            "braces make an object in an expression with co_await: give it a name before");
    }

    /// `{.number = 2}`: nothing that owns memory, as far as one can see.
    bool only_numbers(std::size_t open) const {
        bool any = false;
        for (auto i = open + 1; i < tokens_[open].match; ++i) {
            const auto& token = tokens_[i];
            if (token.is(".")) {
                ++i;  // a member's name
                continue;
            }
            if (token.kind == Kind::text ||
                (token.kind == Kind::word && !token.is("true") && !token.is("false")))
                return false;
            any |= token.kind != Kind::sign;
        }
        return any;
    }

    void captures(std::size_t introducer) {
        if (!gcc12_)
            return;
        const auto end = tokens_[introducer].match;
        for (auto i = introducer + 1; i < end; ++i) {
            if (!tokens_[i].is("&") && !tokens_[i].is("this")) {
                add(tokens_[introducer],
                    "a lambda with captures in an expression with co_await: give it a name before");
                return;
            }
            while (i < end && !tokens_[i].is(","))
                i = behind(i);
        }
    }

    /// awaitable<…> f(Options = {}): it is the caller's expression that has the object.
    void default_arguments() {
        if (!gcc12_ ||
            std::ranges::none_of(tokens_, [](auto& token) { return token.is("awaitable"); }))
            return;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (!tokens_[i].is("("))
                continue;
            for (auto j = i + 1; j < tokens_[i].match; j = behind(j)) {
                if (tokens_[j].is("=") && tokens_[j + 1].is("{"))
                    add(tokens_[j],
                        "a default argument made of braces is made in the expression with "
                        "co_await: write a second function instead");
            }
            i = tokens_[i].match;
        }
    }

    const std::vector<Token>& tokens_;
    const Context& context_;
    std::vector<Finding>& findings_;
    bool gcc12_;           // or only what later ones miscompile as well
    bool spared_ = false;  // && and ?: are sound at the top level
};

/// The tokens know where their counterparts are in the source: now, where in the expression.
void match_brackets(std::vector<Token>& tokens) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].opens())
            open.push_back(i);
        if (tokens[i].closes() && !open.empty()) {
            tokens[i].match = open.back();
            tokens[open.back()].match = i;
            open.pop_back();
        }
    }
}

}  // namespace

void check_expression(
    Expression expression,
    const Context& context,
    std::vector<Finding>& findings
) {
    match_brackets(expression.tokens);
    Rules(expression, context, findings);
}

}  // namespace costrix::lint
