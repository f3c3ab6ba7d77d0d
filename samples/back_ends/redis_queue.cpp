// SPDX-License-Identifier: MIT
// Shows: state that several processes share in Redis. Each caller is told how many callers wait,
// whichever process serves them. When Redis is away, calls go on without the number.
// Run: redis_queue /run/redis/redis-server.sock, as often as you like (PORT 0 chooses a port); then
// call agi://127.0.0.1:4573/queue/sales.
// Expect: the channel variable WAITING, a number or UNKNOWN, set anew every ten seconds.
#include "redis_client.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

/// The callers of one queue, over all processes: a sorted set in Redis, with the time at which each
/// was last seen. Who has not been seen for three rounds does not count, so the callers of a
/// process that died drop out, and an emptied Redis fills again. The hosts' clocks must agree.
class Waiting {
public:
    Waiting(RedisClient& redis, std::chrono::milliseconds round) : redis_(redis), round_(round) {}

    std::chrono::milliseconds round() const noexcept { return round_; }

    /// Says that `caller` waits; the number of all who do, or nothing if Redis cannot tell.
    asio::awaitable<std::optional<int>> seen(std::string queue, std::string caller) {
        const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch()
        );
        const auto stale = std::to_string((now - 3 * round_).count());
        std::vector<std::string> enter{"ZADD", queue, std::to_string(now.count()), caller};
        std::vector<std::string> trim{"ZREMRANGEBYSCORE", queue, "-inf", stale};
        std::vector<std::string> count{"ZCARD", queue};
        try {
            co_await redis_.command(std::move(enter));
            co_await redis_.command(std::move(trim));
            const auto reply = co_await redis_.command(std::move(count));
            co_return static_cast<int>(reply.number);
        } catch (const RedisError& error) {
            spdlog::warn("{} is not counted: {}", agi::printable(caller), error.what());
            co_return std::nullopt;
        }
    }
    asio::awaitable<void> gone(std::string queue, std::string caller) {
        std::vector<std::string> leave{"ZREM", std::move(queue), std::move(caller)};
        try {
            co_await redis_.command(std::move(leave));
        } catch (const RedisError&) {  // drops out by itself
        }
    }

private:
    RedisClient& redis_;
    std::chrono::milliseconds round_;
};

asio::awaitable<void> wait_in(Waiting& waiting, agi::AGI& call, std::string queue) {
    const std::string me(call.environment().unique_id());
    co_await call.execute(agi::Answer());
    for (;;) {
        const auto count = co_await waiting.seen(queue, me);
        const std::string text = count ? std::to_string(*count) : "UNKNOWN";
        co_await call.execute(agi::SetVariable("WAITING", text));
        if (count) {
            co_await call.execute(agi::StreamFile("queue-thereare"));
            co_await call.execute(agi::SayNumber(*count));
            co_await call.execute(agi::StreamFile("queue-callswaiting"));
        } else {
            co_await call.execute(agi::Verbose("Redis does not say how many callers wait"));
            co_await call.execute(agi::StreamFile("queue-thankyou"));
        }
        co_await call.sleep_for(waiting.round());
    }
}

asio::awaitable<void> queue(Waiting& waiting, agi::AGI& call, const agi::Request& request) {
    const std::string key = "waiting:" + std::string(request.match["queue"]);
    std::exception_ptr end;
    try {
        co_await wait_in(waiting, call, key);
    } catch (...) {  // the hangup, as a rule
        end = std::current_exception();
    }
    co_await waiting.gone(key, std::string(call.environment().unique_id()));
    std::rethrow_exception(end);
}

asio::awaitable<void> serve(agi::FastAGIServer& server, RedisClient& redis) {
    co_await server.serve_forever();
    redis.close();
}

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::cerr << "usage: redis_queue ADDRESS [PORT [MILLISECONDS]]\n";
        return 2;
    }
    const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 4573);
    const std::chrono::milliseconds round(argc > 3 ? std::atoi(argv[3]) : 10'000);
    std::signal(SIGPIPE, SIG_IGN);  // hiredis writes to sockets that Redis has closed
    asio::io_context context(1);
    RedisClient redis(context.get_executor(), argv[1], 1s);
    Waiting waiting(redis, round);
    agi::FastAGIServer server(context.get_executor(), {.port = port, .drain_timeout = 5s});
    server.register_script_handler(
        "queue/(?<queue>\\w+)$",
        [&waiting](agi::AGI& call, const agi::Request& request) {
            return queue(waiting, call, request);
        }
    );
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&server](auto, int) { server.shutdown(); });
    auto served = asio::co_spawn(context, serve(server, redis), asio::use_future);
    std::cout << "listening on port " << server.port() << std::endl;
    context.run();
    served.get();
} catch (const std::exception& error) {
    std::cerr << "redis_queue: " << error.what() << std::endl;
    return 1;
}
