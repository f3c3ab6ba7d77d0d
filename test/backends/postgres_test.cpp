// SPDX-License-Identifier: MIT
// The sample postgres_lookup with a real PostgreSQL, which is killed, frozen and started again.
#include "backends/callers.hpp"
#include "backends/postgres_server.hpp"
#include "backends/service.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace costrix {
namespace {

using test::Callers;
using test::eventually;
using namespace std::chrono_literals;

/// A look-up takes 5 ms, so that calls wait for a connection; that of Bob half a minute.
constexpr const char* kSql =
    "CREATE TABLE people (number text PRIMARY KEY, name text, delay float);"
    "INSERT INTO people VALUES ('5551234', 'Alice', 0.005), ('5550000', NULL, 0),"
    "  ('5554321', 'Bob', 30);"
    "CREATE VIEW customers AS SELECT number, name FROM people, LATERAL pg_sleep(delay);";

class Postgres : public ::testing::Test {
protected:
    void SetUp() override {
        if (!test::PostgresServer::installed())
            GTEST_SKIP() << "SKIPPED: PostgreSQL is not installed: test/backends/run installs it";
        database_ = std::make_unique<test::PostgresServer>(kSql);
        service_ = std::make_unique<test::Service>(std::vector<std::string>{
            COSTRIX_BIN_DIR "/postgres_lookup", database_->conninfo(), "0"});
        port_ = service_->port();
    }

    static testing::Scenario scenario(const std::string& number) {
        testing::Scenario caller("customer");
        caller.caller_number(number).any_sound(1min).answer_delay({});
        return caller;
    }
    /// Places as many calls at once; the last of them.
    testing::FakeAsterisk call(const testing::Scenario& caller, int number = 1) {
        asio::io_context context;
        std::vector<std::future<testing::FakeAsterisk>> placed;
        for (int i = 0; i < number; ++i)
            placed.push_back(
                asio::co_spawn(context, testing::place_call(caller, port_), asio::use_future)
            );
        context.run();
        return placed.back().get();
    }
    testing::FakeAsterisk call(const std::string& number) { return call(scenario(number)); }
    /// How soon a call is answered by ANSWER, which nothing but a free thread is needed for.
    std::chrono::milliseconds time_to_answer() {
        return test::time_of([this] {
            test::TcpPeer asterisk(port_);
            asterisk.call("customer");
            EXPECT_EQ(asterisk.line(), "ANSWER");
        });
    }
    /// Places such calls until the condition holds; the longest time to an answer.
    template <class Condition>
    std::chrono::milliseconds longest_until(Condition condition) {
        auto longest = 0ms;
        EXPECT_TRUE(eventually([&] {
            longest = std::max(longest, time_to_answer());
            return condition();
        }));
        return longest;
    }

    std::unique_ptr<test::PostgresServer> database_;
    std::unique_ptr<test::Service> service_;
    std::uint16_t port_ = 0;
};

TEST_F(Postgres, FindsTheCallerAndCutsThePromptShort) {
    std::optional<testing::FakeAsterisk> known;
    EXPECT_LT(test::time_of([&] { known = call("5551234"); }), 5s);  // of a minute
    EXPECT_EQ(known->times_begun("pls-hold-while-try"), 1U);
    EXPECT_EQ(known->variable("LOOKUP"), "FOUND");
    EXPECT_EQ(known->variable("CUSTOMER"), "Alice");
    EXPECT_EQ(known->agistatus(), "SUCCESS");
    EXPECT_EQ(call("5550000").variable("LOOKUP"), "FOUND");  // without a name
    EXPECT_EQ(call("5559999").variable("LOOKUP"), "UNKNOWN");
    EXPECT_EQ(call("' OR true --").variable("LOOKUP"), "UNKNOWN");
    service_->signal(SIGTERM);
    EXPECT_EQ(service_->wait(), 0) << service_->output();
}

TEST_F(Postgres, AThousandCallersAreAnsweredWhileTheDatabaseIsKilledAndRestarted) {
    constexpr int many = test::kSanitized ? 300 : 1500;
    Callers callers(port_, "customer", "LOOKUP");
    callers.start(1000, true);
    ASSERT_TRUE(eventually([&] { return callers.ended("FOUND") >= 500; })) << callers.describe();
    database_->kill();
    const auto without = longest_until([&] { return callers.ended("FAILED") >= many; });
    ASSERT_TRUE(database_->start());
    const int found = callers.ended("FOUND");
    const auto with = longest_until([&] { return callers.ended("FOUND") >= found + many; });
    callers.stop();
    EXPECT_EQ(callers.ended(), callers.ended("FOUND") + callers.ended("FAILED"))
        << callers.describe();
    EXPECT_LT(std::max(without, with), test::kAtOnce);
    std::printf(
        "%slongest time to an answer: %d ms\n",
        callers.describe().c_str(),
        static_cast<int>(std::max(without, with).count())
    );

    // The pool is as before: in waves that two seconds are enough for, nobody goes without.
    Callers later(port_, "customer", "LOOKUP");
    for (int wave = 0; wave < 10; ++wave) {
        later.start(100, false);
        later.stop();
    }
    EXPECT_EQ(later.ended("FOUND"), 1000) << later.describe();
}

TEST_F(Postgres, AFrozenDatabaseHoldsUpNoThread) {
    Callers callers(port_, "customer", "LOOKUP");
    database_->freeze();
    callers.start(1000, false);
    const auto longest = longest_until([&] { return callers.ended() == 1000; });
    EXPECT_EQ(callers.ended("FAILED"), 1000) << callers.describe();
    EXPECT_LT(longest, test::kAtOnce);
    database_->thaw();
    EXPECT_TRUE(eventually([&] { return call("5551234").variable("LOOKUP") == "FOUND"; }));
    service_->signal(SIGTERM);
    EXPECT_EQ(service_->wait(), 0);
    EXPECT_NE(service_->output().find("no answer within two seconds"), std::string::npos);
}

TEST_F(Postgres, ACallerWhoHangsUpGivesTheConnectionBack) {
    auto impatient = scenario("5554321");
    impatient.hang_up_during("pls-hold-while-try", 200ms);
    const int connections = 8;
    EXPECT_EQ(call(impatient, connections).agistatus(), "HANGUP");
    // Before two seconds have passed, which would have freed them as well.
    EXPECT_LT(
        test::time_of([&] { EXPECT_EQ(call("5551234").variable("LOOKUP"), "FOUND"); }), 1500ms
    );
}

TEST_F(Postgres, ALookUpThatTakesTooLongIsGivenUp) {
    const auto time =
        test::time_of([&] { EXPECT_EQ(call("5554321").variable("LOOKUP"), "FAILED"); });
    EXPECT_GE(time, 2s);
    EXPECT_LT(time, 4s);
    EXPECT_NE(service_->output().find("no answer within two seconds"), std::string::npos);
}

TEST(PostgresLookup, RefusesAHostNameWhichWouldBlock) {
    test::ChildProcess program({COSTRIX_BIN_DIR "/postgres_lookup", "host=db.example dbname=x"});
    EXPECT_EQ(program.wait(), 1);
    EXPECT_EQ(
        program.output(),
        "postgres_lookup: say hostaddr=… for the host db.example, or a socket's path\n"
    );
}

}  // namespace
}  // namespace costrix
