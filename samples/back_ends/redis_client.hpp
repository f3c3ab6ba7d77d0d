// SPDX-License-Identifier: MIT
// A Redis client for coroutines: hiredis on Asio.
#pragma once

#include <costrix/agi.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// Redis cannot be reached, does not answer, or refuses a command.
struct RedisError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The text of a reply, and its number if it is one.
struct RedisReply {
    std::string text;
    long long number = 0;
};

class RedisConnection;

/// Sends commands over one connection, in order. It connects when it must: after an error the next
/// command tries again. Nothing blocks.
///
/// Thread safety: none; use it on one thread. Lifetime: shorter than the executor's context.
class RedisClient {
public:
    /// `address`: the path of a Unix socket, or an IP address and port, as in 127.0.0.1:6379.
    /// Throws std::system_error for a host name, since hiredis resolves names with a call that
    /// blocks. `timeout`: how long a reply may take.
    RedisClient(
        asio::any_io_executor executor,
        std::string address,
        std::chrono::milliseconds timeout
    );
    ~RedisClient() { close(); }
    RedisClient(const RedisClient&) = delete;
    RedisClient& operator=(const RedisClient&) = delete;

    /// Sends one command and returns its reply; throws RedisError. A time-out closes the connection
    /// and fails every command on it. Cancellation (terminal): the reply is dropped when it comes.
    asio::awaitable<RedisReply> command(std::vector<std::string> words);
    /// Closes the connection, whose wait would keep the io_context running.
    void close();

private:
    std::shared_ptr<RedisConnection> connection();

    asio::any_io_executor executor_;
    std::string host_;  // or the path
    int port_ = 0;      // 0: a path
    std::chrono::milliseconds timeout_;
    std::shared_ptr<RedisConnection> connection_;
};
