// SPDX-License-Identifier: MIT
// Ways to write a co_await expression, sound or not: the rows of the table in docs/compilers.md.
#pragma once

#include <costrix/agi/agi.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace costrix::test {

/// One way to write it.
struct Form {
    /// As in the table: `A`, `B` and `C` are `call.execute(…)`, `x` is false.
    std::string_view code;
    /// A coroutine with it; the bool is false.
    asio::awaitable<void> (*flow)(agi::AGI&, bool);
    /// The commands that it sends if it is compiled correctly, as in "AB".
    std::string_view sends;
};

/// The first letter of an argument says which command it is. The texts are too long for a small
/// string, so that a second destruction is a second deallocation.
inline const std::string kA =
    "A, a text that does not fit into a small string, for sure it does not";
inline const std::string kB =
    "B, a text that does not fit into a small string, for sure it does not";
inline const std::string kC =
    "C, a text that does not fit into a small string, for sure it does not";
/// What the variables A and B hold.
inline const std::string kYes =
    "yes, which is too long for a small string, for sure it is too long";

/// Conditions, && and ||.
std::vector<Form> condition_forms();
/// ?: inside and outside of the operand.
std::vector<Form> choice_forms();
/// Temporaries and lambdas in the operand.
std::vector<Form> operand_forms();

}  // namespace costrix::test
