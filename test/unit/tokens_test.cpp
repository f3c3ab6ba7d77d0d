// SPDX-License-Identifier: MIT
// Every completion token against every way in which an operation ends.
#include "session/timer_wheel.hpp"
#include "support/cancel_after.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/playback.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/experimental/parallel_group.hpp>
#else
#include <asio/experimental/parallel_group.hpp>
#endif

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

constexpr auto kSoon = 30ms;

/// Stops the clock of deadlines, so that none passes on a slow machine, and sets it forward.
class StoppedClock {
public:
    explicit StoppedClock(asio::io_context& context)
        : wheel_(asio::use_service<detail::TimerWheel>(context)) {
        wheel_.set_time(detail::TimerWheel::Clock::time_point(1h));
    }
    void pass(std::chrono::milliseconds time) {
        wheel_.set_time(wheel_.now() + time);
        wheel_.turn_by_hand();
    }

private:
    detail::TimerWheel& wheel_;
};

using Key = ResultOf<WaitForDigit>;

/// How an operation ended, as a handler would see it.
struct Ended {
    bool done = false;
    error_code code;
    Samples endpos;
};

/// Starts STREAM FILE with a token, under this slot, and notes how it ended.
using Starter = std::function<void(AGI&, asio::cancellation_slot, Ended&)>;

struct Token {
    const char* name;
    Starter start;
};

/// An exception as the error code that the other tokens give.
error_code code_of(const std::exception_ptr& error) {
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const costrix::system_error& thrown) {
        return thrown.code();
    }
    return {};
}

template <class Work>
void spawn(AGI& call, asio::cancellation_slot slot, Ended& ended, Work work) {
    auto finished = [&ended](const std::exception_ptr& error) {
        ended.done = true;
        if (error)
            ended.code = code_of(error);
    };
    asio::co_spawn(
        call.get_executor(), std::move(work), asio::bind_cancellation_slot(slot, finished)
    );
}

asio::awaitable<void> with_use_awaitable(AGI& call, Ended& ended) {
    const auto played = co_await call.async_execute(StreamFile("x"), kSoon, asio::use_awaitable);
    ended.endpos = played.endpos;
}

asio::awaitable<void> with_deferred(AGI& call, Ended& ended) {
    auto operation = call.async_execute(StreamFile("x"), kSoon, deferred);
    const auto played = co_await std::move(operation)(asio::use_awaitable);
    ended.endpos = played.endpos;
}

asio::awaitable<void> with_as_tuple(AGI& call, Ended& ended) {
    constexpr auto token = as_tuple(asio::use_awaitable);
    auto [code, played] = co_await call.async_execute(StreamFile("x"), kSoon, token);
    ended.code = code;
    ended.endpos = played.endpos;
}

asio::awaitable<void> with_redirect_error(AGI& call, Ended& ended) {
    auto token = asio::redirect_error(asio::use_awaitable, ended.code);
    const auto played = co_await call.async_execute(StreamFile("x"), kSoon, token);
    ended.endpos = played.endpos;
}

void with_callback(AGI& call, asio::cancellation_slot slot, Ended& ended) {
    auto finished = [&ended](error_code code, const StreamFile::Result& played) {
        ended = {true, code, played.endpos};
    };
    call.async_execute(StreamFile("x"), kSoon, asio::bind_cancellation_slot(slot, finished));
}

const std::vector<Token>& tokens() {
    static const std::vector<Token> kTokens{
        {"use_awaitable",
         [](AGI& call, asio::cancellation_slot slot, Ended& ended) {
             spawn(call, slot, ended, with_use_awaitable(call, ended));
         }},
        {"deferred",
         [](AGI& call, asio::cancellation_slot slot, Ended& ended) {
             spawn(call, slot, ended, with_deferred(call, ended));
         }},
        {"as_tuple",
         [](AGI& call, asio::cancellation_slot slot, Ended& ended) {
             spawn(call, slot, ended, with_as_tuple(call, ended));
         }},
        {"redirect_error",
         [](AGI& call, asio::cancellation_slot slot, Ended& ended) {
             spawn(call, slot, ended, with_redirect_error(call, ended));
         }},
        {"callback", with_callback},
    };
    return kTokens;
}

class Tokens : public test::SessionTest {
protected:
    using End = std::function<void(StoppedClock&)>;

    /// Starts an operation with each token in turn, has it end by `end`, and checks how.
    void expect(const End& end, const error_code& code, Samples endpos = {}) {
        StoppedClock clock(context());
        for (const auto& token : tokens()) {
            SCOPED_TRACE(token.name);
            open(test::plain_environment());
            asio::cancellation_signal signal;
            signal_ = &signal;
            Ended ended;
            token.start(call(), signal.slot(), ended);
            run();
            EXPECT_EQ(sent(), "STREAM FILE \"x\" \"\"\n");
            EXPECT_FALSE(ended.done);
            end(clock);
            run();
            EXPECT_TRUE(ended.done);
            EXPECT_EQ(ended.code, code);
            EXPECT_EQ(ended.endpos, endpos);
        }
    }

    asio::cancellation_signal* signal_ = nullptr;
};

TEST_F(Tokens, GetAReply) {
    expect([this](auto&) { asterisk("200 result=0 endpos=800\n"); }, {}, Samples(800));
}

TEST_F(Tokens, GetAHangup) {
    expect([this](auto&) { asterisk("HANGUP\n200 result=-1 endpos=0\n"); }, Errc::hung_up);
}

TEST_F(Tokens, GetTheEndOfTheConnection) {
    expect([this](auto&) { transport().end(); }, Errc::disconnected);
}

TEST_F(Tokens, GetARefusal) {
    expect([this](auto&) { asterisk("510 Invalid or unknown command\n"); }, Errc::invalid_command);
}

TEST_F(Tokens, GetADeadline) {
    expect([](auto& clock) { clock.pass(kSoon + 10ms); }, Errc::timed_out);
}

TEST_F(Tokens, GetACancellation) {
    expect(
        [this](auto&) { signal_->emit(asio::cancellation_type::terminal); },
        make_error_code(asio::error::operation_aborted)
    );
}

TEST_F(Tokens, ThrowFromAFuture) {
    auto played = call().async_execute(StreamFile("x"), asio::use_future);
    auto refused = call().async_execute(StreamFile("y"), asio::use_future);
    run();
    asterisk("200 result=0 endpos=800\n");
    asterisk("HANGUP\n200 result=-1 endpos=0\n");
    EXPECT_EQ(played.get().endpos, Samples(800));
    try {
        refused.get();
        FAIL() << "nothing was thrown";
    } catch (const costrix::system_error& error) {
        EXPECT_EQ(error.code(), Errc::hung_up);
        EXPECT_TRUE(is_hangup(error.code()));
        EXPECT_STREQ(error.code().category().name(), "costrix.agi");
    }
}

TEST_F(Tokens, AreStartedWhenADeferredOperationIs) {
    auto operation = call().async_execute(Answer(), deferred);
    run();
    EXPECT_EQ(sent(), "");
    bool done = false;
    std::move(operation)([&done](error_code code) { done = !code; });
    run();
    EXPECT_EQ(sent(), "ANSWER\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(done);
}

TEST_F(Tokens, FormAParallelGroup) {
    using asio::experimental::wait_for_one;
    std::size_t first = 9;
    error_code key_code, hangup_code;
    asio::experimental::make_parallel_group(
        call().async_execute(WaitForDigit(), deferred), call().async_wait_for_hangup(deferred)
    )
        .async_wait(
            wait_for_one(),
            [&](std::array<std::size_t, 2> order, error_code key, Key, error_code hangup) {
                first = order[0];
                key_code = key;
                hangup_code = hangup;
            }
        );
    run();
    EXPECT_EQ(sent(), "WAIT FOR DIGIT -1\n");
    asterisk("200 result=49\n");
    EXPECT_EQ(first, 0U);
    EXPECT_EQ(key_code, error_code());
    EXPECT_EQ(hangup_code, asio::error::operation_aborted);
}

TEST_F(Tokens, CompleteOnTheHandlersExecutor) {
    asio::io_context other;
    bool here = false, done = false;
    auto finished = [&](error_code, Key) {
        done = true;
        here = other.get_executor().running_in_this_thread();
    };
    call().async_execute(WaitForDigit(), asio::bind_executor(other, finished));
    run();
    asterisk("200 result=49\n");
    EXPECT_FALSE(done);
    other.run();
    EXPECT_TRUE(done);
    EXPECT_TRUE(here);
}

TEST_F(Tokens, KeepTheHandlersExecutorAtWork) {
    asio::io_context other;
    call().async_execute(WaitForDigit(), asio::bind_executor(other, [](error_code, Key) {}));
    run();
    other.run_for(1ms);
    EXPECT_FALSE(other.stopped());
    asterisk("200 result=49\n");
    other.run();
    EXPECT_TRUE(other.stopped());
}

#if COSTRIX_ASIO_VERSION >= 103300
TEST_F(Tokens, AreCancelledAfterATime) {
    error_code code;
    auto finished = [&code](error_code why, Key) { code = why; };
    call().async_execute(WaitForDigit(), asio::cancel_after(1ms, finished));
    for (int i = 0; i < 100 && !code; ++i) {
        context().restart();
        context().run_for(50ms);
    }
    EXPECT_EQ(code, asio::error::operation_aborted);
}
#endif

/// Counts what it is asked for.
class CountingResource final : public std::pmr::memory_resource {
public:
    int allocations = 0;
    std::size_t in_use = 0;

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        ++allocations;
        in_use += size;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
        in_use -= size;
        std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

TEST_F(Tokens, TakeMemoryFromTheHandlersAllocator) {
    CountingResource memory;
    const std::pmr::polymorphic_allocator<std::byte> allocator(&memory);
    std::size_t in_use_then = 99;
    auto finished = [&](error_code, Key) { in_use_then = memory.in_use; };
    call().async_execute(WaitForDigit(), asio::bind_allocator(allocator, finished));
    EXPECT_EQ(memory.allocations, 1);
    run();
    asterisk("200 result=49\n");
    EXPECT_EQ(in_use_then, 0U) << "the memory must be free for what the handler starts";
}

/// As an allocator of a pool that it shares: once it is moved from, it cannot free anything.
template <class T>
struct SharedAllocator {
    using value_type = T;
    explicit SharedAllocator(std::shared_ptr<int> used) : in_use(std::move(used)) {}
    template <class U>
    SharedAllocator(const SharedAllocator<U>& other) : in_use(other.in_use) {}
    T* allocate(std::size_t count) {
        ++*in_use;
        return std::allocator<T>().allocate(count);
    }
    void deallocate(T* memory, std::size_t count) {
        ASSERT_TRUE(in_use);
        --*in_use;
        std::allocator<T>().deallocate(memory, count);
    }
    bool operator==(const SharedAllocator&) const = default;
    std::shared_ptr<int> in_use;
};

/// A handler with such an allocator, which goes with it when it is moved.
struct HandlerWithAllocator {
    using allocator_type = SharedAllocator<std::byte>;
    allocator_type get_allocator() const noexcept { return allocator; }
    void operator()(error_code, Key) const { *called = *allocator.in_use == 0; }
    allocator_type allocator;
    bool* called;
};

TEST_F(Tokens, GiveTheMemoryBackToTheSameAllocator) {
    auto in_use = std::make_shared<int>(0);
    bool called = false;
    HandlerWithAllocator handler{SharedAllocator<std::byte>(in_use), &called};
    call().async_execute(WaitForDigit(), std::move(handler));
    EXPECT_EQ(*in_use, 1);
    run();
    asterisk("200 result=49\n");
    EXPECT_TRUE(called);
}

/// An action of a user's, which throws what it likes.
class Picky {
public:
    static constexpr std::string_view command = "NOOP";
    Picky() {}
    void encode(CommandLine&) const {}
    static int parse(const Reply&) { throw std::invalid_argument("not what I want"); }
};

TEST_F(Tokens, ReportWhatAnActionOfOnesOwnThrows) {
    error_code code;
    call().async_execute(Picky(), [&code](error_code why, int) { code = why; });
    run();
    asterisk("200 result=0\n");
    EXPECT_EQ(code, Errc::failed);
    EXPECT_FALSE(stray_);
}

TEST_F(Tokens, ReportAnArgumentThatCannotBeSent) {
    error_code code;
    bool called = false;
    call().async_execute(StreamFile("line\nfeed"), [&](error_code why, auto) {
        called = true;
        code = why;
    });
    EXPECT_FALSE(called);
    run();
    EXPECT_TRUE(called);
    EXPECT_EQ(code, Errc::usage);
    EXPECT_EQ(sent(), "");
}

TEST_F(Tokens, SendAnyLine) {
    Reply heard;
    call().async_send("FUTURE COMMAND", [&heard](error_code, Reply reply) { heard = reply; });
    run();
    EXPECT_EQ(sent(), "FUTURE COMMAND\n");
    asterisk("200 result=7 (x)\n");
    EXPECT_EQ(heard.number(), 7);
    call().async_send("two\nlines", [&heard](error_code, Reply reply) { heard = reply; });
    run();
    EXPECT_EQ(heard.status(), ReplyStatus::refused);
}

TEST_F(Tokens, WaitForTheHangup) {
    int told = 0;
    call().async_wait_for_hangup([&told](error_code code) { told += code ? 10 : 1; });
    asio::cancellation_signal signal;
    auto cancelled = [&told](error_code code) {
        told += code == asio::error::operation_aborted ? 100 : 1000;
    };
    call().async_wait_for_hangup(asio::bind_cancellation_slot(signal.slot(), cancelled));
    run();
    signal.emit(asio::cancellation_type::total);
    run();
    EXPECT_EQ(told, 100);
    asterisk("HANGUP\n");
    EXPECT_EQ(told, 101);
}

TEST_F(Tokens, Sleep) {
    StoppedClock clock(context());
    bool woken = false;
    call().async_sleep_for(1ms, [&woken](error_code code) { woken = !code; });
    run();
    EXPECT_FALSE(woken);
    clock.pass(10ms);
    run();
    EXPECT_TRUE(woken);
}

TEST_F(Tokens, HaveNoSlotLeftOnceTheyHaveCompleted) {
    asio::cancellation_signal signal;
    auto finished = [](error_code, Key) {};
    call().async_execute(WaitForDigit(), asio::bind_cancellation_slot(signal.slot(), finished));
    run();
    asterisk("200 result=49\n");
    EXPECT_FALSE(signal.slot().has_handler());
}

TEST_F(Tokens, AreDestroyedWithTheSession) {
    auto alive = std::make_shared<int>();
    std::weak_ptr<int> watch = alive;
    call().async_execute(WaitForDigit(), [alive = std::move(alive)](error_code, Key) {});
    run();
    EXPECT_FALSE(watch.expired());
    open(test::plain_environment());
    EXPECT_TRUE(watch.expired());
}

// --- try_execute ---------------------------------------------------------------------------------

class TryExecute : public test::SessionTest {
protected:
    asio::awaitable<void> play(const char* file) {
        result_ = co_await call().try_execute(StreamFile(file), kSoon);
        ended_ = true;
    }

    StoppedClock clock_{context()};
    Result<StreamFile::Result> result_;
    bool ended_ = false;
};

TEST_F(TryExecute, GivesTheResult) {
    const auto task = start(play("x"));
    asterisk("200 result=0 endpos=800\n");
    ASSERT_TRUE(ended_);
    ASSERT_TRUE(result_);
    EXPECT_EQ(result_->endpos, Samples(800));
    EXPECT_EQ(result_.value().endpos, Samples(800));
    EXPECT_FALSE(result_.hung_up());
}

TEST_F(TryExecute, GivesAHangup) {
    const auto task = start(play("x"));
    asterisk("HANGUP\n200 result=-1 endpos=0\n");
    ASSERT_TRUE(ended_);
    ASSERT_FALSE(result_);
    EXPECT_TRUE(result_.hung_up());
    EXPECT_EQ(result_.error().code(), Errc::hung_up);
    EXPECT_THROW(result_.value(), AGIResultHangup);
    EXPECT_EQ(result_.value_or({}).endpos, Samples());
}

TEST_F(TryExecute, GivesARefusalWithTheReply) {
    const auto task = start(play("x"));
    asterisk("510 Invalid or unknown command\n");
    ASSERT_TRUE(ended_);
    ASSERT_FALSE(result_);
    EXPECT_FALSE(result_.hung_up());
    EXPECT_EQ(result_.error().code(), Errc::invalid_command);
    EXPECT_EQ(result_.error().exception().reply().code(), 510);
    EXPECT_EQ(result_.error().exception().command(), "STREAM FILE \"x\" \"\"");
    EXPECT_THROW(result_.value(), AGIInvalidCommandError);
}

TEST_F(TryExecute, GivesADeadline) {
    const auto task = start(play("x"));
    EXPECT_FALSE(ended_);
    clock_.pass(kSoon + 10ms);
    run();
    ASSERT_TRUE(ended_);
    ASSERT_FALSE(result_);
    EXPECT_EQ(result_.error().code(), Errc::timed_out);
}

TEST_F(TryExecute, GivesAnArgumentThatCannotBeSent) {
    const auto task = start(play("line\nfeed"));
    ASSERT_TRUE(ended_);
    ASSERT_FALSE(result_);
    EXPECT_EQ(result_.error().code(), Errc::usage);
    EXPECT_NE(std::string(result_.error().what()).find("STREAM FILE"), std::string::npos);
}

TEST_F(TryExecute, ThrowsACancellation) {
    const auto task = start(play("x"));
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_FALSE(ended_);
    EXPECT_TRUE(task->threw<costrix::system_error>());
}

TEST(Errc, HasACodeForEachException) {
    EXPECT_EQ(code_of(AGIDBError("")), Errc::database);
    EXPECT_EQ(code_of(AGIAppError("")), Errc::failed);
    EXPECT_EQ(code_of(AGIDeadChannelError("")), Errc::dead_channel);
    EXPECT_EQ(code_of(AGIInvalidCommandError("")), Errc::invalid_command);
    EXPECT_EQ(code_of(AGIUsageError("")), Errc::usage);
    EXPECT_EQ(code_of(AGINoResultError("")), Errc::no_result);
    EXPECT_EQ(code_of(AGIUnknownError("")), Errc::unknown_reply);
    EXPECT_EQ(code_of(AGITimeout("")), Errc::timed_out);
    EXPECT_EQ(code_of(AGIResultHangup("")), Errc::hung_up);
    EXPECT_EQ(code_of(AGISIGHUPHangup("")), Errc::sighup);
    EXPECT_EQ(code_of(AGISIGPIPEHangup("")), Errc::disconnected);
    for (int code = 1; code <= static_cast<int>(Errc::disconnected); ++code)
        EXPECT_EQ(agi_category().message(code).find("unknown error"), std::string::npos) << code;
    EXPECT_NE(agi_category().message(99).find("unknown error 99"), std::string::npos);
}

}  // namespace
}  // namespace costrix::agi
