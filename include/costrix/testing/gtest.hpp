// SPDX-License-Identifier: MIT
// Makes a Mismatch a GoogleTest failure, with the file and line of the step.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/mismatch.hpp>

#include <gtest/gtest.h>

namespace costrix::inline COSTRIX_ABI::testing {

/// Fails the running test at the step that a handler missed, and ends the test.
///
/// Include this header in one source of a test program: Conversation::run() and replay() then fail
/// the test as an ASSERT_ does, instead of by an exception that GoogleTest attributes to an
/// "unknown file". If a test expects a Mismatch as an exception, call
/// `set_mismatch_reporter(nullptr)` first.
[[noreturn]] inline void fail_test(const Mismatch& mismatch) {
    const auto& where = mismatch.where();
    const int line = static_cast<int>(where.line());
    ADD_FAILURE_AT(where.file().c_str(), line) << mismatch.what();
    // At this exception GoogleTest ends the test without reporting it again.
    throw ::testing::AssertionException(::testing::TestPartResult(
        ::testing::TestPartResult::kFatalFailure, where.file().c_str(), line, mismatch.what()
    ));
}

namespace detail {
inline const MismatchReporter before_gtest = set_mismatch_reporter(fail_test);
}

}  // namespace costrix::inline COSTRIX_ABI::testing
