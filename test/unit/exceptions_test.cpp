// SPDX-License-Identifier: MIT
// What can be caught by which base, and what an exception says of a peer's bytes.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/protocol/printable.hpp>

#include <string>
#include <type_traits>

namespace costrix::agi {
namespace {

template <class Base, class... E>
constexpr bool are = (std::is_base_of_v<Base, E> && ...);

static_assert(are<AGIHangup, AGIResultHangup, AGISIGHUPHangup, AGISIGPIPEHangup>);
static_assert(are<
              AGIError,
              AGIDeadChannelError,
              AGIAppError,
              AGIUsageError,
              AGIInvalidCommandError,
              AGIUnknownError>);
static_assert(are<AGIAppError, AGIDBError>);
static_assert(are<AGIException, AGIError, AGIHangup, AGITimeout, AGINoResultError>);
static_assert(!are<AGIError, AGINoResultError> && !are<AGIError, AGITimeout>);
static_assert(!are<AGIError, AGIHangup>);

class Exceptions : public test::SessionTest {};

TEST_F(Exceptions, SayWhatAPeerSentInPrintableCharacters) {
    const std::string control = "\x1b[31m\xc2\x9b\x9b\xe2\x80\xae\x7f";
    for (const char* const begin : {"510 ", "200 ", "503 ", "520 ", ""}) {
        open(test::plain_environment());
        const auto task = start(call().execute(Noop(control)));
        asterisk(begin + control + "\n");
        ASSERT_TRUE(task->threw<AGIException>()) << begin;
        EXPECT_EQ(task->what(), printable(task->what()));
        EXPECT_NE(task->what().find("\\x1b[31m"), std::string::npos) << task->what();
    }
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(StreamFile("\x1b[31m"));
    }(call()));
    asterisk("200 result=-1 endpos=0\n");
    EXPECT_EQ(task->what(), printable(task->what()));
}

}  // namespace
}  // namespace costrix::agi
