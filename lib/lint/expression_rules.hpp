// SPDX-License-Identifier: MIT
// What must not stand in one full expression with a co_await.
#pragma once

#include "lint/coroutine_check.hpp"
#include "lint/tokens.hpp"

#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

namespace costrix::lint {

struct Expression {
    std::vector<Token> tokens;           // without the bodies of lambdas
    std::string_view condition_of;       // if, while, for, switch; or empty
    bool awaits = false;                 // whether there is a co_await
    std::vector<std::size_t> lambdas{};  // where they begin
};

struct Context {
    int gcc = 12;  // from which version on
    std::set<std::size_t> lambda_bodies;
    std::set<std::string_view> aggregates;  // structs of this source without a constructor
};

void check_expression(
    Expression expression,
    const Context& context,
    std::vector<Finding>& findings
);

}  // namespace costrix::lint
